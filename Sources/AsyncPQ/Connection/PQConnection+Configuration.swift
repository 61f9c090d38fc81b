//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
public import Secrets

extension PQConnection {
    /// The server, database and role to connect to, and how.
    ///
    /// The meanings are libpq's ("Parameter Key Words"). The environment has no effect: libpq's variables, from `PGPASSWORD`
    /// to `PGTZ`, are read only by ``init(connectionString:environment:)``, from the dictionary that it is given. Where
    /// no password is set, libpq looks for one in the password file, `~/.pgpass` by default.
    public struct Configuration: Sendable {
        /// The TLS verification mode, libpq's `sslmode`.
        public enum TLSMode: String, Sendable, CaseIterable {
            /// No TLS.
            case disable
            /// TLS only if the server insists.
            case allow
            /// TLS if the server offers it.
            case prefer
            /// TLS, the server not verified (verified against `sslrootcert` when one is given).
            case require
            /// TLS, the server's certificate verified.
            case verifyCA = "verify-ca"
            /// TLS, certificate and name verified.
            case verifyFull = "verify-full"
        }

        /// A host name, an address, or the folder of a Unix socket (begins with `/`; with `@` it is Linux's abstract name).
        ///
        /// On an open connection, ``PQConnection/configuration`` has the host that the connection was made to.
        public var host: String
        /// A numeric address to connect to instead of looking up ``host``, libpq's `hostaddr`.
        ///
        /// ``host`` is then only the name that the server's certificate is checked against.
        public var hostAddress: String?
        /// 1...65535.
        public var port: Int
        /// More servers, tried after ``host`` in this order, or in random order with ``LoadBalancing/random``.
        public var additionalHosts: [Host] = []
        /// Which of the servers are acceptable, libpq's `target_session_attrs`.
        public var targetSession = TargetSession.any
        /// The order in which the servers and their addresses are tried, libpq's `load_balance_hosts`.
        public var loadBalancing = LoadBalancing.disable
        /// The role to log in as.
        public var username: String
        /// The database.
        public var database: String
        /// The password, if one is needed.
        public var password: Secret?
        /// Returns the password when a query has to be cancelled over another connection, since ``password`` may have
        /// expired by then.
        ///
        /// Called on the loop: it must not block.
        public var currentPassword: (@Sendable () -> Secret?)?
        /// The TLS verification mode; `prefer` by default, as in libpq.
        ///
        /// Anything that sends a token wants ``TLSMode/verifyFull``.
        public var tls: TLSMode
        /// A file with the certificates to trust, in PEM.
        public var rootCertificate: String?
        /// The passphrase of the client's private key, libpq's `sslpassword`.
        public var keyPassphrase: Secret?
        /// More of libpq's parameters by keyword, for those that have no property here: `channel_binding`, `sslcert`,
        /// `ssl_min_protocol_version`, `passfile`, `tcp_user_timeout` and the like.
        public var libpqParameters: [String: String] = [:]
        /// The application's name in `pg_stat_activity`.
        public var applicationName: String?
        /// Settings for the session, such as `search_path`.
        public var settings: [String: String]
        /// More command-line options for the session, such as `-c geqo=off`, in libpq's spelling.
        public var startupOptions: String?
        /// The time limit from the first name look-up until the session is ready.
        ///
        /// Default 10 seconds. Where there are several servers, or one has several addresses, each gets an equal share of
        /// the time that is left to answer at all; the one that answers has until the limit.
        public var connectTimeout: Duration
        /// How many query texts stay prepared, so that repeated queries are prepared once.
        ///
        /// 0 turns it off. Texts that weigh more than 32 KB with their parameters (64 bytes each) are never prepared,
        /// and all that are remembered weigh at most 1 MB.
        public var statementCacheCapacity: Int
        /// Whether a pooler in transaction mode, such as PgBouncer, is between client and server; by default false.
        ///
        /// It gives each transaction another session of the server. Then no statement stays prepared, whatever
        /// ``statementCacheCapacity`` is, and a statement is cancelled by the protocol's cancel request only, which libpq before
        /// version 17 sends without encryption also where the connection has it: who sees it on the way can cancel statements of
        /// this connection.
        public var isBehindPooler = false
        /// TCP keepalive: seconds of silence before the first probe.
        ///
        /// Default 30; more than the system takes (32767) is as much as it takes.
        public var keepaliveIdle: Duration
        /// Receives the beginning and end of every statement; nil, the default, costs nothing.
        public var queryObserver: (any PQQueryObserver)?
        /// The schema changes that the connections of one pool have noticed; shared by all of them.
        package var statementEpoch = StatementEpoch()

        /// Creates a configuration with libpq's defaults.
        public init(
            host: String,
            port: Int = 5432,
            username: String,
            database: String,
            password: Secret? = nil,
            tls: TLSMode = .prefer,
            rootCertificate: String? = nil,
            applicationName: String? = nil,
            settings: [String: String] = [:],
            connectTimeout: Duration = .seconds(10),
            statementCacheCapacity: Int = 256,
            keepaliveIdle: Duration = .seconds(30)
        ) {
            self.host = host
            self.port = port
            self.username = username
            self.database = database
            self.password = password
            self.tls = tls
            self.rootCertificate = rootCertificate
            self.applicationName = applicationName
            self.settings = settings
            self.connectTimeout = connectTimeout
            self.statementCacheCapacity = statementCacheCapacity
            self.keepaliveIdle = keepaliveIdle
        }
    }
}

extension PQConnection.Configuration {
    var isUnixSocket: Bool { self.hostAddress == nil && Host.isSocketPath(self.host) }

    package func validate() throws(PQError) {
        func require(_ condition: Bool, _ message: String) throws(PQError) {
            guard condition else { throw PQError(.invalidConfiguration, message) }
        }
        for host in self.hosts {
            try require(!host.name.isEmpty, "the host is empty")
            try require((1...65535).contains(host.port), "the port \(host.port) is not in 1...65535")
            try require(!host.name.utf8.contains(0), "a value contains a NUL character")
            try require(
                !(host.name + (host.address ?? "")).utf8.contains(UInt8(ascii: ",")),
                "a host contains a comma: the second and further hosts belong into additionalHosts")
        }
        try require(!self.username.isEmpty, "the user name is empty")
        try require(self.connectTimeout > .zero, "the connect timeout must be above zero")
        let texts = [self.username, self.database, self.rootCertificate ?? "", self.applicationName ?? ""]
        try require(!texts.contains { $0.utf8.contains(0) }, "a value contains a NUL character")
        try self.validateParameters()
        for (name, value) in self.settings {
            let plain = name.utf8.allSatisfy {
                $0 < 128
                    && ($0 == 95 || $0 == 46 || Character(UnicodeScalar($0)).isLetter
                        || Character(UnicodeScalar($0)).isNumber)
            }
            try require(plain && !name.isEmpty, "\"\(name)\" is not the name of a setting")
            try require(!value.utf8.contains(0), "the setting \(name) contains a NUL character")
        }
    }

    /// libpq's keywords and values, the password left out.
    ///
    /// - Parameter addresses: The host's numeric addresses; libpq tries them in turn and never looks up a name itself.
    /// - Parameter target: The sessions that are acceptable.
    func parameters(addresses: [String], target: TargetSession = .any) -> [(keyword: String, value: String)] {
        var parameters: [(keyword: String, value: String)] = []
        if self.isUnixSocket {
            parameters.append(("host", self.host))
        } else {
            parameters.append(("host", addresses.map { _ in self.host }.joined(separator: ",")))
            parameters.append(("hostaddr", addresses.joined(separator: ",")))
        }
        parameters.append(("port", String(self.port)))
        parameters.append(("user", self.username))
        parameters.append(("dbname", self.database))
        parameters.append(("sslmode", self.tls.rawValue))
        if let trusted = self.trustedCertificates { parameters.append(("sslrootcert", trusted)) }
        if target != .any { parameters.append(("target_session_attrs", target.rawValue)) }
        // The environment's Kerberos tickets must not cost a connection two more round trips.
        parameters.append(("gssencmode", "disable"))
        parameters.append(("client_encoding", "UTF8"))
        if let applicationName { parameters.append(("application_name", applicationName)) }
        let silence = self.keepaliveIdle.bounded.components.seconds
        parameters.append(("keepalives_idle", String(min(max(1, silence), 32_767))))
        if let options = self.sessionOptions { parameters.append(("options", options)) }
        // Last, since of two equal keywords libpq takes the later.
        parameters += self.libpqParameters.sorted { $0.key < $1.key }.map { (keyword: $0.key, value: $0.value) }
        return parameters
    }

    /// Calls `body` with the parameters that are secret.
    func withSecretParameters<Value>(_ body: ([(keyword: String, value: String)]) throws -> Value) rethrows -> Value {
        try (self.password ?? Secret("")).withUnsafeValue { password in
            try (self.keyPassphrase ?? Secret("")).withUnsafeValue { passphrase in
                try body([("password", password), ("sslpassword", passphrase)].filter { !$0.1.isEmpty })
            }
        }
    }

    /// ``startupOptions`` and ``settings`` as libpq's `options`; nil when there are none.
    package var sessionOptions: String? {
        let settings = self.settings.sorted { $0.key < $1.key }
            .map { "-c \($0.key)=\(Self.escapeOption($0.value))" }
        let options = ([self.startupOptions].compactMap { $0 } + settings).joined(separator: " ")
        return options.isEmpty ? nil : options
    }

    /// Blanks of every kind and backslashes in `options` are escaped by a backslash (libpq, `options`; the server splits at
    /// what C's `isspace` says).
    private static func escapeOption(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            let isBlank = character == " " || (0x09...0x0D).contains(character.value)
            if isBlank || character == "\\" { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text
    }
}
