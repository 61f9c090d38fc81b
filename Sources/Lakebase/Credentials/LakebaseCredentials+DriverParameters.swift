//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
import BoundedTime
public import Secrets

extension LakebaseCredentials {
    /// The parameters that a Postgres driver needs to connect, with a closure for the password.
    ///
    /// Call the closure for each connection that is opened, not once for all: a minted password expires after an hour
    /// at most. To start a program with the parameters, ``formatted(as:)`` writes them in the formats that libpq and
    /// programs based on it read.
    public struct DriverParameters: Sendable {
        /// A host name, an address, or the folder of a Unix socket.
        public var host: String
        /// The numeric address to connect to, in place of one of the host's name; libpq's `hostaddr`.
        public var hostAddress: String?
        /// 1...65535.
        public var port: Int
        /// More servers to try; empty wherever the password is a token.
        public var additionalHosts: [PQConnection.Configuration.Host] = []
        /// Which of the servers are acceptable.
        public var targetSession = PQConnection.Configuration.TargetSession.any
        /// The order in which the servers are tried; libpq knows it from version 16 on.
        public var loadBalancing = PQConnection.Configuration.LoadBalancing.disable
        /// The database.
        public var database: String
        /// The role to log in as.
        public var username: String
        /// The TLS verification mode.
        ///
        /// `verifyFull` wherever the password is a token, unless the configuration relaxed it.
        public var tls: PQConnection.Configuration.TLSMode
        /// A file with the certificates to trust.
        ///
        /// The system's where none is configured and the server is verified: libpq before version 16 looks for none by itself. Nil
        /// when the user's own file in `~/.postgresql` is there, which libpq takes.
        public var rootCertificate: String?
        /// The application's name in `pg_stat_activity`.
        public var applicationName: String?
        /// Startup options with the session's settings, in libpq's spelling.
        public var options: String?
        /// How long one attempt to connect may take.
        public var connectTimeout: Duration
        /// The password for the next login; nil where the server wants none.
        ///
        /// - Throws: ``LakebaseError`` when none could be minted; `CancellationError`.
        public var password: @Sendable () async throws -> Secret?

        init(_ configuration: PQConnection.Configuration, password: @escaping @Sendable () async throws -> Secret?) {
            self.host = configuration.host
            self.hostAddress = configuration.hostAddress
            self.port = configuration.port
            self.additionalHosts = configuration.additionalHosts
            self.targetSession = configuration.targetSession
            self.loadBalancing = configuration.loadBalancing
            self.database = configuration.database
            self.username = configuration.username
            self.tls = configuration.tls
            self.rootCertificate = configuration.trustedCertificates
            self.applicationName = configuration.applicationName
            self.options = configuration.sessionOptions
            self.connectTimeout = configuration.connectTimeout
            self.password = password
        }

        /// libpq's keywords with their values, in a steady order.
        package var keywords: [(keyword: String, value: String)] {
            var keywords = [
                ("host", self.servers.map(\.name).joined(separator: ",")),
                ("port", self.servers.map { String($0.port) }.joined(separator: ",")), ("dbname", self.database),
                ("user", self.username), ("sslmode", self.tls.rawValue),
            ]
            if self.servers.contains(where: { $0.address != nil }) {
                keywords.append(("hostaddr", self.servers.map { $0.address ?? "" }.joined(separator: ",")))
            }
            if self.targetSession != .any { keywords.append(("target_session_attrs", self.targetSession.rawValue)) }
            if self.loadBalancing != .disable { keywords.append(("load_balance_hosts", self.loadBalancing.rawValue)) }
            if let rootCertificate { keywords.append(("sslrootcert", rootCertificate)) }
            if let applicationName { keywords.append(("application_name", applicationName)) }
            if let options { keywords.append(("options", options)) }
            keywords.append(("connect_timeout", String(self.connectTimeoutSeconds)))
            return keywords
        }

        /// All servers, ``host`` first.
        var servers: [PQConnection.Configuration.Host] {
            [.init(self.host, address: self.hostAddress, port: self.port)] + self.additionalHosts
        }

        /// Whole seconds, rounded up; libpq takes less than 2 for 2.
        private var connectTimeoutSeconds: Int64 {
            let (seconds, attoseconds) = self.connectTimeout.bounded.components
            return max(2, seconds + (attoseconds > 0 ? 1 : 0))
        }
    }
}
