//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

/// An accepted login's upstream, with its TLS settings loaded.
struct ResolvedUpstream: Sendable {
    var upstream: GatewayUpstream

    /// The TLS context for connections to the upstream; `nil` if it has no TLS.
    var tls: NIOSSLContext?

    /// The server's address.
    var target: GatewayUpstream.Target { self.upstream.target }

    /// The same server for a cancel request, which needs no password.
    var withoutPassword: ResolvedUpstream {
        var copy = self
        copy.upstream.password = nil
        return copy
    }

    /// A new TLS handler for a connection to the target, or `nil` if it has no TLS.
    func makeTLSHandler() throws -> NIOSSLClientHandler? {
        guard let tls, case .tcp(let host, _, _, let serverName) = self.target else { return nil }
        let name = serverName ?? host
        // A number cannot stand in the hello; the certificate is then checked against the address.
        let isNumeric = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isNumeric ? nil : name)
    }

    /// Connects on the given loop, and tries again while the server's queue or this process's descriptors are full.
    ///
    /// `patience` limits the time of these attempts.
    func connect(
        on eventLoop: any EventLoop,
        timeout: TimeAmount,
        patience: TimeAmount,
        bufferLimit: Int,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        let end = NIODeadline.now() + min(patience, timeout)
        @Sendable func attempt(_ pause: TimeAmount) -> EventLoopFuture<any Channel> {
            self.connectOnce(on: eventLoop, timeout: timeout, bufferLimit: bufferLimit, initializer: initializer)
                .flatMapError { error in
                    guard ConnectionTrouble.isShortage(error), .now() + pause < end else {
                        return eventLoop.makeFailedFuture(error)
                    }
                    return eventLoop.flatScheduleTask(in: pause) { attempt(min(pause * 2, .milliseconds(100))) }
                        .futureResult
                }
        }
        return attempt(.milliseconds(5))
    }

    private func connectOnce(
        on eventLoop: any EventLoop,
        timeout: TimeAmount,
        bufferLimit: Int,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        if OpenFileLimit.isReachedForUpstreams {
            return eventLoop.makeFailedFuture(
                IOError(errnoCode: EMFILE, reason: "the last files are not for connections"))
        }
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.writeBufferWaterMark, value: .relay(limit: bufferLimit))
            .channelInitializer(initializer)
        switch self.target {
        case .unixSocket(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port, _, _):
            return
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        }
    }
}

extension ChannelOptions.Types.WriteBufferWaterMark {
    /// Stops the other side at `limit` buffered bytes, and lets it continue at half of them.
    static func relay(limit: Int) -> Self {
        let high = max(limit, 2)
        return Self(low: high / 2, high: high)
    }
}

/// TLS contexts for upstreams; creating one reads certificate stores and takes milliseconds.
final class TLSContextCache: Sendable {
    private struct Key: Hashable {
        var configuration: TLSConfiguration

        static func == (lhs: Key, rhs: Key) -> Bool { lhs.configuration.bestEffortEquals(rhs.configuration) }
        func hash(into hasher: inout Hasher) { self.configuration.bestEffortHash(into: &hasher) }
    }

    private let contexts = NIOLockedValueBox<[Key: NIOSSLContext]>([:])

    /// The context for a configuration, with TLS 1.2 as the minimum and the ALPN protocol of PostgreSQL.
    func context(for configuration: TLSConfiguration) throws -> NIOSSLContext {
        let key = Key(configuration: configuration.forPostgres())
        if let context = self.contexts.withLockedValue({ $0[key] }) { return context }
        let context = try NIOSSLContext(configuration: key.configuration)
        self.contexts.withLockedValue { contexts in
            // Configurations that never equal each other must not pile up.
            if contexts.count >= 32 { contexts.removeAll() }
            contexts[key] = context
        }
        return context
    }
}

extension TLSConfiguration {
    /// The configuration with the settings that every Postgres connection shares.
    func forPostgres() -> TLSConfiguration {
        var configuration = self
        switch configuration.minimumTLSVersion {
        case .tlsv1, .tlsv11: configuration.minimumTLSVersion = .tlsv12
        case .tlsv12, .tlsv13: break
        }
        configuration.applicationProtocols = ["postgresql"]
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }
}
