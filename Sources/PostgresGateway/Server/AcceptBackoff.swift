//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Logging
package import NIOCore

/// Lets a listener rest when the system has no file descriptor or memory left for another connection.
///
/// The connection that could not be accepted stays in the listener's queue, so the socket stays readable: without a rest
/// the event loop would do nothing but fail to accept it, and the sessions that could free a descriptor would wait.
package final class AcceptBackoff: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    private static let shortest = TimeAmount.milliseconds(20)
    private static let longest = TimeAmount.seconds(1)

    private let logger: Logger
    private let prefix: String
    private var spell = TroubleSpell()
    private var rest = AcceptBackoff.shortest
    private var isResting = false

    /// - Parameters:
    ///   - logger: Gets one warning for each spell of trouble.
    ///   - prefix: What the keys of its metadata begin with.
    package init(logger: Logger, prefix: String = "gateway") {
        self.logger = logger
        self.prefix = prefix
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.rest = Self.shortest
        context.fireChannelRead(data)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard ConnectionTrouble.isShortage(error) else { return context.fireErrorCaught(error) }
        if self.spell.happened(at: .now()) {
            self.logger.warning(
                "new connections have to wait: close others, or raise the limit of open files (ulimit -n)",
                metadata: [
                    "\(self.prefix).local": "\(GatewayAddress(context.channel.localAddress))",
                    "\(self.prefix).error": .escaped(ConnectionTrouble.words(error)),
                    "\(self.prefix).limit": "\(OpenFileLimit.current.map { "\($0)" } ?? "unknown")",
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
