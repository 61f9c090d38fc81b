//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
public import Secrets

extension PQConnection.Configuration {
    /// Reads a connection string: a `postgresql://` URL or `keyword=value` pairs, as libpq understands them.
    ///
    /// - Parameter text: May hold a password, so it is wrapped.
    /// - Throws: ``PQError`` with code ``PQError/Code/invalidConfiguration`` for text that libpq cannot read and for
    ///   parameters that have no counterpart here. The error never quotes the text.
    public init(connectionString text: Secret) throws(PQError) {
        self = try Self.reading(connectionString: text).configuration
    }

    /// Reads a connection string and returns which parameters it names, for callers that have other sources for the
    /// rest.
    package static func reading(
        connectionString text: Secret
    ) throws(PQError) -> (configuration: Self, keywords: Set<String>) {
        let parameters = try Self.parse(text)
        return (try Self(parameters: parameters), Set(parameters.keys))
    }

    private init(parameters: [String: String]) throws(PQError) {
        func invalid(_ message: String) -> PQError {
            PQError(.invalidConfiguration, "the connection string \(message)")
        }
        self.init(host: parameters["host"] ?? parameters["hostaddr"] ?? "localhost", username: "", database: "")
        if parameters["host"] != nil { self.hostAddress = parameters["hostaddr"] }
        // First, since libpq then makes lists of the other parameters, too.
        if (self.host + (self.hostAddress ?? "")).utf8.contains(UInt8(ascii: ",")) {
            throw invalid("names several hosts, which is not supported: name one, or a DNS name of all their addresses")
        }
        for (keyword, value) in parameters.sorted(by: { $0.key < $1.key }) {
            switch keyword {
            case "host", "hostaddr": break
            case "port":
                guard let port = Int(value), (1...65535).contains(port) else { throw invalid("has no valid port") }
                self.port = port
            case "user": self.username = value
            case "dbname": self.database = value
            case "password": self.password = Secret(value)
            case "sslmode":
                guard let mode = TLSMode(rawValue: value) else { throw invalid("has an unknown sslmode \"\(value)\"") }
                self.tls = mode
            case "sslrootcert": self.rootCertificate = value
            case "application_name": self.applicationName = value
            case "connect_timeout":
                guard let seconds = Int(value), seconds >= 0 else { throw invalid("has no valid connect_timeout") }
                self.connectTimeout = Self.connectTimeout(libpqSeconds: seconds)
            case "options":
                self.startupOptions = value
            default:
                throw invalid(
                    "has the parameter \(keyword), which is not supported: \(Self.remedy(forParameter: keyword))")
            }
        }
        if self.username.isEmpty { throw invalid("names no user") }
        // libpq: the database defaults to the user's name.
        if self.database.isEmpty { self.database = self.username }
    }

    /// The duration that libpq's `connect_timeout` or `PGCONNECT_TIMEOUT` means: an hour for 0, which is "forever"; 2
    /// seconds for less than 2.
    package static func connectTimeout(libpqSeconds seconds: Int) -> Duration {
        seconds == 0 ? .seconds(3600) : .seconds(max(2, seconds))
    }

    private static func parse(_ text: Secret) throws(PQError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        // A file or a secret ends with a line break, which libpq would take for a part of the database's name.
        let text = text.withoutLineEnd
        let options = text.withUnsafeValue { PQconninfoParse($0, &message) }
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        guard let options else {
            // libpq's message can quote what stands where it stumbled, and that can be the password.
            if let message, let keyword = Self.foreignParameter(in: String(cString: message)) {
                throw PQError(
                    .invalidConfiguration,
                    "the connection string has the parameter \(keyword), which is not libpq's: "
                        + Self.remedy(forParameter: keyword))
            }
            throw PQError(
                .invalidConfiguration,
                "the connection string cannot be read; use postgresql://user:password@host:port/database, "
                    + "with special characters percent-encoded")
        }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        let isURL = text.withUnsafeValue { text in
            ["postgresql://", "postgres://"].contains { text.utf8.starts(with: $0.utf8) }
        }
        for (keyword, value) in parameters where !isURL {
            // `user= password=x`: libpq skips the blank and takes the next pair for the value.
            let isPair = Self.keywordsOfPairs.contains { value.utf8.starts(with: "\($0)=".utf8) }
            guard !isPair else {
                throw PQError(
                    .invalidConfiguration,
                    "the connection string gives \(keyword) no value, and the next parameter is read as its value; "
                        + "give \(keyword) a value, or leave it out")
            }
        }
        return parameters
    }
}
