//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Logging
package import NIOCore

/// Pauses a listener when hardly any file descriptors, or no memory, are left for another connection.
///
/// It pauses before the last descriptor is taken, since the process itself needs some
/// (``OpenFileLimit/isNearlyReached``). And it pauses when accepting fails: the connection that could not be accepted
/// stays in the listener's queue, so the socket stays readable. Without a pause the event loop would do nothing but
/// fail to accept it, and the sessions that could free a descriptor would wait.
package final class AcceptBackoff: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    private static let shortest = TimeAmount.milliseconds(20)
    private static let longest = TimeAmount.seconds(1)

    private let logger: Logger
    private let prefix: String
    private let isShort: () -> Bool
    private var spell = TroubleSpell()
    private var rest = AcceptBackoff.shortest
    private var isResting = false

    /// Creates a handler that pauses when hardly any file descriptors are left.
    ///
    /// - Parameters:
    ///   - logger: Gets one warning for each spell of trouble.
    ///   - prefix: What the keys of its metadata begin with.
    package convenience init(logger: Logger, prefix: String = "gateway") {
        self.init(logger: logger, prefix: prefix) { OpenFileLimit.isNearlyReached }
    }

    /// - Parameter isShort: Whether so few descriptors are left that accepting is not even tried.
    init(logger: Logger, prefix: String = "gateway", isShort: @escaping () -> Bool) {
        self.logger = logger
        self.prefix = prefix
        self.isShort = isShort
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        if self.isShort() {
            self.pause(context, because: "only the file descriptors are left that the process itself needs")
        } else {
            self.rest = Self.shortest
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard ConnectionTrouble.isShortage(error) else { return context.fireErrorCaught(error) }
        self.pause(context, because: ConnectionTrouble.words(error))
    }

    private func pause(_ context: ChannelHandlerContext, because reason: String) {
        if self.spell.happened(at: .now()) {
            self.logger.warning(
                "new connections have to wait: close others, or raise the limit of open files (ulimit -n)",
                metadata: [
                    "\(self.prefix).local": "\(GatewayAddress(context.channel.localAddress))",
                    "\(self.prefix).error": .escaped(reason),
                    "\(self.prefix).limit": "\(OpenFileLimit.current.map { "\($0)" } ?? "unknown")",
                ]
            )
        }
        guard !self.isResting else { return }
        self.isResting = true
        // Stops the reading that is going on, too, which holding back reads would not.
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        self.resumeLater(context.channel)
    }

    private func resumeLater(_ channel: any Channel) {
        let rest = self.rest
        self.rest = min(rest * 2, Self.longest)
        channel.eventLoop.assumeIsolated().scheduleTask(in: rest) {
            // The listener was closed meanwhile.
            guard channel.isActive else { return }
            if self.isShort() { return self.resumeLater(channel) }
            self.isResting = false
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
