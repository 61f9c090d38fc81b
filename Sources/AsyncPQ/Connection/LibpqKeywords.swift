//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// The keywords of connection strings: those of the libpq in use, and those of later versions.
enum LibpqKeywords {
    struct Keyword: Sendable {
        var name: String
        /// The environment variable that sets it.
        var variable: String?
        /// The value if nothing sets it.
        var compiled: String?
    }

    /// A keyword that libpq has had since some version only.
    struct Newer: Sendable {
        var name: String
        var variable: String?
        /// The first version that has it, as `major * 10000`.
        var version: Int
        /// The values that ask for nothing an older version does not do by itself.
        var harmless: [String]
    }

    /// The keywords that this libpq knows.
    static let known: [Keyword] = {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse("", &message) else {
            PQfreemem(message)
            return []
        }
        defer { PQconninfoFree(options) }
        var keywords: [Keyword] = []
        var option = options
        while let keyword = option.pointee.keyword {
            keywords.append(
                Keyword(
                    name: String(cString: keyword), variable: option.pointee.envvar.map { String(cString: $0) },
                    compiled: option.pointee.compiled.map { String(cString: $0) }))
            option += 1
        }
        return keywords
    }()

    static let knownNames = Set(Self.known.map(\.name))

    /// The keywords of later versions, which this libpq refuses.
    static let newer: [Newer] = [
        Newer(name: "load_balance_hosts", variable: "PGLOADBALANCEHOSTS", version: 160_000, harmless: []),
        Newer(name: "require_auth", variable: "PGREQUIREAUTH", version: 160_000, harmless: [""]),
        Newer(name: "sslcertmode", variable: "PGSSLCERTMODE", version: 160_000, harmless: ["", "allow"]),
        Newer(name: "gssdelegation", variable: "PGGSSDELEGATION", version: 170_000, harmless: ["", "0"]),
        Newer(name: "sslnegotiation", variable: "PGSSLNEGOTIATION", version: 170_000, harmless: ["", "postgres"]),
        Newer(
            name: "min_protocol_version", variable: "PGMINPROTOCOLVERSION", version: 180_000, harmless: ["", "3.0"]),
        Newer(
            name: "max_protocol_version", variable: "PGMAXPROTOCOLVERSION", version: 180_000,
            harmless: ["", "3.0", "latest"]),
        Newer(name: "servicefile", variable: "PGSERVICEFILE", version: 180_000, harmless: []),
        Newer(name: "sslkeylogfile", variable: nil, version: 180_000, harmless: [""]),
        Newer(name: "scram_client_key", variable: nil, version: 180_000, harmless: [""]),
        Newer(name: "scram_server_key", variable: nil, version: 180_000, harmless: [""]),
        Newer(name: "oauth_issuer", variable: nil, version: 180_000, harmless: [""]),
        Newer(name: "oauth_client_id", variable: nil, version: 180_000, harmless: [""]),
        Newer(name: "oauth_client_secret", variable: nil, version: 180_000, harmless: [""]),
        Newer(name: "oauth_scope", variable: nil, version: 180_000, harmless: [""]),
    ].filter { !Self.knownNames.contains($0.name) }

    /// The keywords that properties of the configuration stand for, and those that have no meaning here.
    static let ofProperties: Set<String> = [
        "host", "hostaddr", "port", "user", "dbname", "password", "sslmode", "sslrootcert", "sslpassword",
        "application_name", "connect_timeout", "options", "target_session_attrs", "load_balance_hosts", "service",
        "servicefile", "client_encoding", "replication",
    ]
}

extension PQConnection.Configuration {
    /// Refuses parameters that libpq would not accept, or that contradict a property.
    func validateParameters() throws(PQError) {
        for (name, value) in self.libpqParameters {
            guard !LibpqKeywords.ofProperties.contains(name) else {
                throw PQError(
                    .invalidConfiguration, "libpqParameters has \(name): a property of the configuration stands for it")
            }
            guard LibpqKeywords.knownNames.contains(name) else {
                throw PQError(
                    .invalidConfiguration,
                    "libpqParameters has \"\(name)\", which libpq \(LibpqVersion.name) does not know")
            }
            guard !value.utf8.contains(0) else {
                throw PQError(.invalidConfiguration, "the parameter \(name) contains a NUL character")
            }
        }
    }
}

/// The version of the libpq in use.
enum LibpqVersion {
    static let number = Int(PQlibVersion())
    /// The major version.
    static let name = String(Self.number / 10_000)
}
