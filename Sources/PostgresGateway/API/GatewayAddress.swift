//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A numeric host and a port, or the path of a Unix socket.
///
/// The host is an IPv4 or IPv6 address without brackets, or the path of a Unix socket, in which case the port is 0.
public struct GatewayAddress: Sendable, Hashable, CustomStringConvertible {
    /// The numeric host, or the path of a Unix socket.
    public var host: String

    /// The TCP port; 0 asks the system for a free one when listening.
    public var port: Int

    /// Names an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The address as `host:port`, with IPv6 hosts in brackets.
    public var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
