//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore

/// Lets a listener rest when the system has no file descriptor or memory left for another connection.
///
/// The connection that could not be accepted stays in the listener's queue, so the socket stays readable: without a rest
/// the event loop would do nothing but fail to accept it, and the sessions that could free a descriptor would wait.
final class AcceptBackoff: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let shortest = TimeAmount.milliseconds(20)
    private static let longest = TimeAmount.seconds(1)

    private let logger: Logger
    private var spell = TroubleSpell()
    private var rest = AcceptBackoff.shortest
    private var isResting = false

    init(logger: Logger) { self.logger = logger }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.rest = Self.shortest
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard ConnectionTrouble.isShortage(error) else { return context.fireErrorCaught(error) }
        if self.spell.happened(at: .now()) {
            self.logger.warning(
                "new connections have to wait: close others, or raise the limit of open files (ulimit -n)",
                metadata: [
                    "gateway.local": "\(GatewayAddress(context.channel.localAddress))",
                    "gateway.error": .escaped(ConnectionTrouble.words(error)),
                    "gateway.limit": "\(OpenFileLimit.current.map { "\($0)" } ?? "unknown")",
                ]
            )
        }
        guard !self.isResting else { return }
        self.isResting = true
        let channel = context.channel
        // Stops the reading that is going on, too, which holding back reads would not.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: self.rest) {
            self.isResting = false
            // Fails if the listener was closed meanwhile.
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
        self.rest = min(self.rest * 2, Self.longest)
    }
}
