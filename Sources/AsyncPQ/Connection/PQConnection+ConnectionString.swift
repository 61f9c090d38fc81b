//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension PQConnection.Configuration {
    /// Reads a connection string: a `postgresql://` URL or `keyword=value` pairs, as libpq understands them.
    ///
    /// All of libpq's keywords are accepted, those of later versions too: lists of hosts, `target_session_attrs`,
    /// `load_balance_hosts`, `service` (from `~/.pg_service.conf` and the system's file) and `passfile`. What the string
    /// leaves out is taken from the service, then from `environment`, then from libpq's defaults: the user is that of
    /// the operating system, the database has the user's name, the host is the folder of Unix sockets.
    ///
    /// - Parameter text: May hold a password, so it is wrapped. An empty text means the environment and the defaults.
    /// - Parameter environment: libpq's variables, such as `PGHOST` and `PGSERVICE`, usually
    ///   `ProcessInfo.processInfo.environment`. None by default: then the string alone counts.
    /// - Throws: ``PQError`` with code ``PQError/Code/invalidConfiguration`` for text that libpq cannot read and for
    ///   parameters that have no effect with this libpq. The error never quotes the text.
    public init(connectionString text: Secret, environment: [String: String] = [:]) throws(PQError) {
        self = try Self.reading(connectionString: text, environment: environment).configuration
    }

    /// Reads a connection string and returns which parameters it names, for callers that have other sources for the
    /// rest.
    package static func reading(
        connectionString text: Secret, environment: [String: String] = [:]
    ) throws(PQError) -> (configuration: Self, keywords: Set<String>) {
        let parameters = try ConnectionParameters(text, environment: environment)
        return (try Self(parameters), Set(parameters.values.filter { !$0.value.isEmpty }.keys))
    }

    private init(_ parameters: ConnectionParameters) throws(PQError) {
        let values = parameters.values
        let user = values["user"].nonEmpty ?? OperatingSystemUser.name ?? ""
        guard !user.isEmpty else { throw Self.invalid("names no user") }
        let hosts = try Self.hosts(values)
        self.init(host: hosts[0].name, port: hosts[0].port, username: user, database: values["dbname"].nonEmpty ?? user)
        self.hostAddress = hosts[0].address
        self.additionalHosts = Array(hosts[1...])
        self.settings = parameters.settings
        for (keyword, value) in values.sorted(by: { $0.key < $1.key }) { try self.take(keyword, value) }
        try self.chooseTLS(values)
    }

    private static func invalid(_ message: String) -> PQError {
        PQError(.invalidConfiguration, "the connection string \(message)")
    }

    /// Takes one parameter; those of the place are taken already.
    private mutating func take(_ keyword: String, _ value: String) throws(PQError) {
        switch keyword {
        case "host", "hostaddr", "port", "user", "dbname", "service", "servicefile", "sslmode": break
        case "password": self.password = Secret(value)
        case "sslpassword": self.keyPassphrase = Secret(value)
        case "sslrootcert": self.rootCertificate = value.isEmpty ? nil : value
        case "application_name": self.applicationName = value
        case "fallback_application_name": self.applicationName = self.applicationName ?? value
        case "options": self.startupOptions = value
        case "connect_timeout":
            guard let seconds = Self.number(value) else { throw Self.invalid("has no valid connect_timeout") }
            self.connectTimeout = Self.connectTimeout(libpqSeconds: max(0, seconds))
        case "target_session_attrs":
            guard let target = TargetSession(rawValue: value) else {
                throw Self.invalid("has an unknown target_session_attrs \"\(value)\"")
            }
            self.targetSession = target
        case "load_balance_hosts":
            guard let balancing = LoadBalancing(rawValue: value) else {
                throw Self.invalid("has an unknown load_balance_hosts \"\(value)\"")
            }
            self.loadBalancing = balancing
        case "client_encoding":
            let name = value.lowercased().filter { $0.isLetter || $0.isNumber }
            guard ["utf8", "unicode", "auto", ""].contains(name) else {
                throw Self.invalid("has the client_encoding \(value): text is always sent as UTF-8; leave it out")
            }
        case "replication":
            guard ["", "0", "false", "off", "no"].contains(value.lowercased()) else {
                throw Self.invalid("asks for a replication connection, which is not supported: leave replication out")
            }
        case _ where LibpqKeywords.knownNames.contains(keyword): self.libpqParameters[keyword] = value
        default: try Self.checkNewer(keyword, value)
        }
    }

    private static func checkNewer(_ keyword: String, _ value: String) throws(PQError) {
        guard let newer = LibpqKeywords.newer.first(where: { $0.name == keyword }) else {
            throw Self.invalid(
                "has the parameter \(keyword), which is not supported: \(Self.remedy(forParameter: keyword))")
        }
        guard newer.harmless.contains(value) else {
            throw Self.invalid(
                "has the parameter \(keyword), which needs libpq \(newer.version / 10_000) or newer, and this is libpq "
                    + "\(LibpqVersion.name): leave it out, or install a newer libpq")
        }
    }

    private mutating func chooseTLS(_ values: [String: String]) throws(PQError) {
        let usesSystemStore = self.rootCertificate == "system"
        guard let name = values["sslmode"].nonEmpty else {
            // As in libpq: the system's store trusts authorities that sign for anyone, so the name has to be verified.
            if usesSystemStore { self.tls = .verifyFull }
            return
        }
        guard let mode = TLSMode(rawValue: name) else { throw Self.invalid("has an unknown sslmode \"\(name)\"") }
        guard !usesSystemStore || mode == .verifyFull else {
            throw Self.invalid("has sslmode=\(name) with sslrootcert=system, which requires sslmode=verify-full")
        }
        self.tls = mode
    }

    /// The servers of a string: as many as it has host names or addresses, with one port for all or one for each.
    ///
    /// - Parameter values: libpq's `host`, `hostaddr` and `port`, with commas between the entries.
    package static func hosts(_ values: [String: String]) throws(PQError) -> [Host] {
        func list(_ keyword: String) -> [String] {
            values[keyword].nonEmpty?.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { String(decoding: Array($0), as: UTF8.self) } ?? []
        }
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        guard names.isEmpty || addresses.isEmpty || names.count == addresses.count else {
            throw Self.invalid("has \(names.count) host names and \(addresses.count) host addresses")
        }
        let count = max(names.count, addresses.count, 1)
        guard ports.count <= 1 || ports.count == count else {
            throw Self.invalid("has \(ports.count) ports for \(count) hosts: give one for all, or one for each")
        }
        var hosts: [Host] = []
        for index in 0..<count {
            let name = index < names.count ? names[index].nonEmpty : nil
            let address = index < addresses.count ? addresses[index].nonEmpty : nil
            let text = ports.count == count ? ports[index] : ports.first ?? ""
            guard let port = text.isEmpty ? 5432 : Self.number(text), (1...65535).contains(port) else {
                throw Self.invalid("has no valid port")
            }
            hosts.append(
                Host(name ?? address ?? LibpqEnvironment.defaultHost, address: name == nil ? nil : address, port: port))
        }
        return hosts
    }

    /// A number with the white space around it that libpq allows.
    private static func number(_ text: String) -> Int? {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let digits = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return Int(String(decoding: Array(digits), as: UTF8.self))
    }

    /// The duration that libpq's `connect_timeout` or `PGCONNECT_TIMEOUT` means: an hour for 0, which is "forever"; 2
    /// seconds for less than 2.
    package static func connectTimeout(libpqSeconds seconds: Int) -> Duration {
        seconds == 0 ? .seconds(3600) : .seconds(max(2, seconds))
    }
}

extension String {
    /// The text, unless it is empty: to libpq that is as good as none.
    fileprivate var nonEmpty: String? { self.isEmpty ? nil : self }
}

extension String? {
    fileprivate var nonEmpty: String? { self.flatMap(\.nonEmpty) }
}
