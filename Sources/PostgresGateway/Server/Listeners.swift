//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The sockets a gateway accepts on.
final class Listeners: Sendable {
    private struct State {
        var channels: [GatewayAddress: any Channel] = [:]
        var isClosed = false
    }

    private let state = NIOLockedValueBox(State())
    private let core: GatewayCore
    private let group: any EventLoopGroup

    init(core: GatewayCore, group: any EventLoopGroup) {
        self.core = core
        self.group = group
    }

    /// Binds and begins to accept.
    ///
    /// - Returns: The address with the port the system gave.
    func add(_ address: GatewayAddress) async throws(GatewayError) -> GatewayAddress {
        let core = self.core
        let bufferLimit = core.configuration.relayBufferLimit
        guard (0...65_535).contains(address.port) else {
            throw GatewayError(
                .bindFailed,
                message: "cannot listen on \(address): a port is a number from 0, for any free one, to 65535"
            )
        }
        let channel: any Channel
        do {
            channel = try await ServerBootstrap(group: self.group)
                .serverChannelOption(.backlog, value: 512)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AcceptBackoff(logger: core.logger))
                    }
                }
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.writeBufferWaterMark, value: .relay(limit: bufferLimit))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let connection = Connection.admit(channel, to: core) else {
                            throw ChannelError.ioOnClosedChannel
                        }
                        try channel.pipeline.syncOperations.addHandler(LoginHandler(connection: connection))
                    }
                }
                .bind(host: address.host, port: address.port)
                .get()
        } catch {
            throw .bindFailed(address, error)
        }
        let bound = GatewayAddress(channel.localAddress)
        let isClosed = self.state.withLockedValue { state in
            if !state.isClosed { state.channels[bound] = channel }
            return state.isClosed
        }
        if isClosed {
            try? await channel.close()
            throw GatewayError(.notRunning, message: "the gateway has stopped and does not listen any more")
        }
        return bound
    }

    /// Closes one socket.
    func remove(_ address: GatewayAddress) async {
        let channel = self.state.withLockedValue { $0.channels.removeValue(forKey: address) }
        try? await channel?.close()
    }

    /// Closes all sockets, also those that are being bound at this moment.
    func removeAll() async {
        let channels = self.state.withLockedValue { state in
            state.isClosed = true
            defer { state.channels = [:] }
            return Array(state.channels.values)
        }
        for channel in channels { try? await channel.close() }
    }
}

extension GatewayError {
    fileprivate static func bindFailed(_ address: GatewayAddress, _ error: any Error) -> GatewayError {
        let code = (error as? IOError)?.errnoCode
        let reason: String
        switch code {
        case EADDRINUSE?:
            reason = "another process listens there; stop it or choose another port (0 for any free one)"
        case EACCES?, EPERM?:
            reason = "permission denied; ports below 1024 need privileges, choose a higher one"
        case EADDRNOTAVAIL?:
            reason = "this machine has no such address; choose one it has, for example 127.0.0.1"
        default:
            reason = "\(ConnectionTrouble.words(error)); check the host name and the port"
        }
        return GatewayError(
            .bindFailed,
            message: "cannot listen on \(address): \(reason)",
            systemErrorNumber: code,
            underlying: error
        )
    }
}
