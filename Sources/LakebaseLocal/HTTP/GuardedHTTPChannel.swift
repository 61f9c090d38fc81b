//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// HTTP/1 on a socket, with limits from the first byte on.
struct GuardedHTTPChannel: ServerChildChannel {
    typealias Value = AcceptedConnection

    private let base: HTTP1Channel
    private let gate: RequestGate
    private let connections: ConnectionBook?
    private let tls: NIOSSLContext?
    private let extend: @Sendable (any Channel, ConnectionGuard) throws -> Void

    /// - Parameters:
    ///   - tls: The TLS of connections that begin with it; `nil` refuses TLS.
    ///   - handlers: Makes the handlers between a connection and the server.
    ///   - extend: Adds further handlers to a connection.
    init(
        responder: @escaping HTTPChannelHandler.Responder, gate: RequestGate, connections: ConnectionBook?,
        tls: NIOSSLContext?,
        handlers: @escaping @Sendable () -> [any RemovableChannelHandler],
        extend: @escaping @Sendable (any Channel, ConnectionGuard) throws -> Void
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
        self.tls = tls
        self.extend = extend
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        self.connections?.opened(channel)
        return self.base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let accepted = AcceptedConnection(value)
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let guardian = ConnectionGuard(gate: self.gate)
            try pipeline.addHandler(guardian, position: .after(decoder))
            try pipeline.addHandler(ByteWatch(), position: .first)
            try self.extend(channel, guardian)
            // Before everything else, which sees what is in the envelope.
            if let tls = self.tls { try pipeline.addHandler(TLSDoor(tls), position: .first) }
            return accepted
        }
    }

    func handle(value: AcceptedConnection, logger: Logger) async {
        guard let value = value.take() else { return }
        await self.base.handle(value: value, logger: logger)
    }
}

/// A connection that is set up, and perhaps never handled: the server may stop at that moment.
///
/// NIO ends the process for a connection that is dropped without having been closed.
final class AcceptedConnection: ServerChildChannelValue {
    let channel: any Channel
    private let value: Mutex<HTTP1Channel.Value?>

    init(_ value: HTTP1Channel.Value) {
        self.channel = value.channel
        self.value = Mutex(value)
    }

    /// Returns the connection, to the caller that handles it.
    func take() -> HTTP1Channel.Value? { self.value.withLock { $0.take() } }

    deinit {
        guard let value = self.take() else { return }
        // Nothing waits for it any more.
        Task { try? await value.executeThenClose { _, _ in } }
    }
}

extension HTTPServerBuilder {
    /// A server whose connections obey the limits of `gate`, are counted in `connections`, and may use TLS if `tls` is
    /// given.
    static func guarded(
        _ gate: RequestGate, connections: ConnectionBook? = nil, tls: NIOSSLContext? = nil,
        handlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] },
        extend: @escaping @Sendable (any Channel, ConnectionGuard) throws -> Void = { _, _ in }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            GuardedHTTPChannel(
                responder: responder, gate: gate, connections: connections, tls: tls, handlers: handlers,
                extend: extend)
        }
    }
}
