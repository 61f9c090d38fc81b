//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The address at which a server listens.
enum ServerSocket: Sendable, Hashable, CustomStringConvertible {
    case address(String, port: Int)
    /// libpq's name of a Unix socket.
    case folder(String, port: Int)

    var description: String {
        switch self {
        case .address(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .folder(let folder, let port): "\(folder)/.s.PGSQL.\(port)"
        }
    }

    /// Whether the server is on this machine, so that the traffic does not leave it.
    var isLocal: Bool {
        switch self {
        case .address(let address, _): address.hasPrefix("127.") || address == "::1"
        case .folder: true
        }
    }

    /// Opens a connection and runs `initialise` on its pipeline before anything is read.
    ///
    /// - Throws: What NIO throws: mostly `IOError` and `ChannelError.connectTimeout`.
    func connect(
        within limit: Duration, _ initialise: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try initialise(channel) } }
        switch self {
        case .address(let address, let port): return try await bootstrap.connect(host: address, port: port).get()
        case .folder: return try await bootstrap.connect(unixDomainSocketPath: self.description).get()
        }
    }
}

/// The text of a socket error, in the system's words.
func socketWords(_ error: any Error) -> String {
    switch error {
    case let error as IOError: return String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        return error.connectionErrors.map { socketWords($0.error) }.joined(separator: "; ")
    case ChannelError.connectTimeout: return "no answer in time"
    default: return "\(error)"
    }
}
