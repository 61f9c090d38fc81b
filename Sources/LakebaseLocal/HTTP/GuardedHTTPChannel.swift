//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1 on a socket, held to limits from the first byte on.
struct GuardedHTTPChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let base: HTTP1Channel
    private let gate: RequestGate
    private let connections: ConnectionBook?

    /// - Parameter handlers: Those between the connection and what answers, made anew for each.
    init(
        responder: @escaping HTTPChannelHandler.Responder, gate: RequestGate, connections: ConnectionBook?,
        handlers: @escaping @Sendable () -> [any RemovableChannelHandler]
    ) {
        let limits = gate.limits
        self.base = HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: handlers(),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.fieldBytes, maxHeaderListSize: limits.headBytes,
                    maxHeaderFieldCount: limits.fields)))
        self.gate = gate
        self.connections = connections
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        self.connections?.opened(channel)
        return self.base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ConnectionGuard(gate: self.gate), position: .after(decoder))
            try pipeline.addHandler(ByteWatch(), position: .first)
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await self.base.handle(value: value, logger: logger) }
}

extension HTTPServerBuilder {
    /// A server whose connections are held to the limits of `gate`, and counted in `connections`.
    static func guarded(
        _ gate: RequestGate, connections: ConnectionBook? = nil,
        handlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            GuardedHTTPChannel(responder: responder, gate: gate, connections: connections, handlers: handlers)
        }
    }
}
