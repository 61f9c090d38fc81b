//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection.Configuration {
    /// One of the servers to connect to.
    public struct Host: Sendable, Hashable {
        /// A host name, an address, or the folder of a Unix socket.
        public var name: String
        /// A numeric address to connect to instead of looking up ``name``, libpq's `hostaddr`.
        public var address: String?
        /// 1...65535.
        public var port: Int

        /// Creates a host.
        public init(_ name: String, address: String? = nil, port: Int = 5432) {
            self.name = name
            self.address = address
            self.port = port
        }

        /// Whether a name is the path or the abstract name of a Unix socket.
        static func isSocketPath(_ name: String) -> Bool {
            name.utf8.first == UInt8(ascii: "/") || name.utf8.first == UInt8(ascii: "@")
        }
    }

    /// The sessions that are acceptable, libpq's `target_session_attrs`.
    public enum TargetSession: String, Sendable, CaseIterable {
        /// Any session.
        case any
        /// Transactions may write by default: no standby, and `default_transaction_read_only` is off.
        case readWrite = "read-write"
        /// Transactions do not write by default.
        case readOnly = "read-only"
        /// The server is not a standby.
        case primary
        /// The server is a standby.
        case standby
        /// A standby if one of the servers is one; any session otherwise.
        case preferStandby = "prefer-standby"
    }

    /// The order in which servers and their addresses are tried, libpq's `load_balance_hosts`.
    public enum LoadBalancing: String, Sendable, CaseIterable {
        /// In the order given.
        case disable
        /// In a new random order for each connection.
        case random
    }

    /// All servers: ``host`` with its port, then ``additionalHosts``.
    public var hosts: [Host] {
        [Host(self.host, address: self.hostAddress, port: self.port)] + self.additionalHosts
    }

    /// This configuration with one server only.
    func narrowed(to host: Host) -> Self {
        var narrowed = self
        narrowed.host = host.name
        narrowed.hostAddress = host.address
        narrowed.port = host.port
        narrowed.additionalHosts = []
        return narrowed
    }
}
