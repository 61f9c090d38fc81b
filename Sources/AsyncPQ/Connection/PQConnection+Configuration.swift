//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
public import Secrets

extension PQConnection {
    /// The server, database and role to connect to, and how.
    ///
    /// The meanings are libpq's ("Parameter Key Words"), and nothing else has a say: libpq's environment variables, from
    /// `PGPASSWORD` to `PGTZ`, are not looked at.
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

        /// A host name, an address, or the folder of a Unix socket (begins with `/`).
        public var host: String
        /// A numeric address to connect to instead of looking up ``host``, libpq's `hostaddr`.
        ///
        /// ``host`` is then only the name that the server's certificate is checked against.
        public var hostAddress: String?
        /// 1...65535.
        public var port: Int
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
        /// The application's name in `pg_stat_activity`.
        public var applicationName: String?
        /// Settings for the session, such as `search_path`.
        public var settings: [String: String]
        /// More command-line options for the session, such as `-c geqo=off`, in libpq's spelling.
        public var startupOptions: String?
        /// The time limit from the first name look-up until the session is ready.
        ///
        /// Default 10 seconds.
        public var connectTimeout: Duration
        /// How many query texts stay prepared, so that repeated queries are prepared once.
        ///
        /// 0 turns it off. Texts that weigh more than 32 KB with their parameters (64 bytes each) are never prepared,
        /// and all that are remembered weigh at most 1 MB.
        public var statementCacheCapacity: Int
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
    var isUnixSocket: Bool { self.host.utf8.first == UInt8(ascii: "/") }

    package func validate() throws(PQError) {
        func require(_ condition: Bool, _ message: String) throws(PQError) {
            guard condition else { throw PQError(.invalidConfiguration, message) }
        }
        try require(!self.host.isEmpty, "the host is empty")
        try require((1...65535).contains(self.port), "the port \(self.port) is not in 1...65535")
        try require(!self.username.isEmpty, "the user name is empty")
        try require(self.connectTimeout > .zero, "the connect timeout must be above zero")
        let texts = [self.host, self.username, self.database, self.rootCertificate ?? "", self.applicationName ?? ""]
        try require(!texts.contains { $0.utf8.contains(0) }, "a value contains a NUL character")
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
    func parameters(addresses: [String]) -> [(keyword: String, value: String)] {
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
        // The environment's Kerberos tickets must not cost a connection two more round trips.
        parameters.append(("gssencmode", "disable"))
        parameters.append(("client_encoding", "UTF8"))
        if let applicationName { parameters.append(("application_name", applicationName)) }
        let silence = self.keepaliveIdle.bounded.components.seconds
        parameters.append(("keepalives_idle", String(min(max(1, silence), 32_767))))
        if let options = self.sessionOptions { parameters.append(("options", options)) }
        return parameters
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
