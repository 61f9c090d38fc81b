//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Secrets

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One look at an environment: what it says about the database, and everything that is wrong with it.
struct EnvironmentDetection {
    let environment: [String: String]
    var problems: [LakebaseConfigurationError.Problem] = []
    var notes: [String] = []
    /// How long one attempt to connect may take, if the environment says so.
    var connectTimeout: Duration?

    init(environment: [String: String]) { self.environment = environment }

    private static let endpointVariables = ["LAKEBASE_ENDPOINT", "LAKEBASE_ENDPOINT_NAME", "ENDPOINT_NAME"]
    private static let instanceVariables = ["LAKEBASE_INSTANCE", "LAKEBASE_INSTANCE_NAME"]

    /// The configuration, nil when ``problems`` tells why there is none.
    mutating func detect() -> LakebaseConfiguration? {
        if let url = self.environment["DATABASE_URL"] { return self.detectURL(Secret(url)) }
        let endpoint = self.agreed(Self.endpointVariables)
        let instance = self.agreed(Self.instanceVariables)
        let host = self.environment["LAKEBASE_PG_HOST"] ?? self.environment["PGHOST"]
        if let endpoint { self.checkEndpoint(endpoint) }
        self.checkType()
        if let password = self.environment["PGPASSWORD"] {
            if endpoint != nil || instance != nil {
                self.notes.append("PGPASSWORD is set: it is used as it is, and no credential is minted")
                // Looking the host up would need the workspace; guessing this machine would send the password elsewhere.
                if host == nil {
                    self.report(
                        "PGHOST", "is not set, while PGPASSWORD is and \(endpoint ?? instance ?? "") has to be found",
                        "set it to the host of the database, or unset PGPASSWORD to have a credential minted")
                }
            }
            return self.finish(.postgres(host: host ?? "localhost", password: Secret(password)))
        }
        guard let target = self.target(endpoint: endpoint, instance: instance, host: host) else { return nil }
        return self.finish(target)
    }

    // MARK: Which kind

    private mutating func checkType() {
        switch self.environment["LAKEBASE_TYPE"] {
        case nil, "autoscaling", "provisioned": break
        case let other?: self.report("LAKEBASE_TYPE", "is \"\(other)\"", "use autoscaling or provisioned")
        }
    }

    private mutating func target(endpoint: String?, instance: String?, host: String?) -> LakebaseConfiguration.Target? {
        switch self.environment["LAKEBASE_TYPE"] {
        case "autoscaling":
            if endpoint == nil, host == nil {
                self.report(
                    "LAKEBASE_ENDPOINT", "is not set, nor is PGHOST, while LAKEBASE_TYPE is autoscaling",
                    "set it to projects/…/branches/…/endpoints/…; in app.yaml: valueFrom: postgres")
            }
            return .autoscaling(endpoint: endpoint, host: host)
        case "provisioned":
            if instance == nil, host == nil {
                self.report(
                    "LAKEBASE_INSTANCE", "is not set, nor is PGHOST, while LAKEBASE_TYPE is provisioned",
                    "set it to the name of the database instance")
            }
            return .provisioned(instance: instance, host: host)
        case _?:
            // Reported already; goes on, so that the other problems are reported too.
            return .autoscaling(endpoint: endpoint, host: host)
        case nil:
            return self.inferredTarget(endpoint: endpoint, instance: instance, host: host)
        }
    }

    private mutating func inferredTarget(
        endpoint: String?, instance: String?, host: String?
    ) -> LakebaseConfiguration.Target? {
        switch (endpoint, instance, host) {
        case (_?, _?, _):
            self.report(
                "LAKEBASE_TYPE", "is not set, while both an endpoint and an instance are",
                "set it to autoscaling or provisioned, or unset one of the two")
            return .autoscaling(endpoint: endpoint, host: host)
        case (let endpoint?, nil, _):
            return .autoscaling(endpoint: endpoint, host: host)
        case (nil, let instance?, _):
            return .provisioned(instance: instance, host: host)
        case (nil, nil, let host?):
            if LakebaseHost.isServiceName(host), host.hasPrefix("instance-") {
                self.notes.append("no instance is set: the instance of \(host) will be looked up")
                return .provisioned(instance: nil, host: host)
            }
            if self.environment["DATABRICKS_HOST"] != nil || LakebaseHost.isServiceName(host) {
                self.notes.append("no endpoint is set: the endpoint of \(host) will be looked up")
                return .autoscaling(endpoint: nil, host: host)
            }
            self.notes.append("PGHOST is set without an endpoint and without a workspace: an ordinary PostgreSQL")
            return .postgres(host: host, password: nil)
        case (nil, nil, nil):
            self.notes.append("nothing is configured: using the PostgreSQL on this machine")
            return .postgres(host: "localhost", password: nil)
        }
    }

    // MARK: The rest

    private mutating func finish(_ target: LakebaseConfiguration.Target) -> LakebaseConfiguration? {
        let sslMode = self.sslMode()
        var configuration = LakebaseConfiguration(target: target)
        configuration.port = self.port()
        configuration.username = self.environment["PGUSER"]
        configuration.rootCertificate = self.rootCertificate()
        configuration.applicationName = self.environment["PGAPPNAME"]
        configuration.schema = self.environment["LAKEBASE_SCHEMA"]
        self.connectTimeout = self.connectTimeoutVariable()
        if configuration.usesTokens {
            configuration.database = self.environment["PGDATABASE"] ?? "databricks_postgres"
            configuration.workspace = self.workspace()
            configuration.allowsOtherHosts = self.environment["LAKEBASE_PG_HOST"] != nil
            if let sslMode, sslMode != .verifyFull {
                self.notes.append(
                    "PGSSLMODE is \(sslMode.rawValue): the server is verified in full all the same, since the password is a token"
                )
            }
        } else {
            let host = self.environment["LAKEBASE_PG_HOST"] ?? self.environment["PGHOST"]
            let user = self.environment["PGUSER"] ?? self.environment["USER"] ?? "postgres"
            configuration.username = user
            configuration.database = self.environment["PGDATABASE"] ?? user
            // Lakebase's hosts have certificates that anyone can verify, so a password need not go to anybody else.
            configuration.tls = sslMode ?? (host.map(LakebaseHost.isServiceName) ?? false ? .verifyFull : .prefer)
        }
        return configuration
    }

    private mutating func detectURL(_ url: Secret) -> LakebaseConfiguration? {
        let ignored = ["LAKEBASE_TYPE", "PGHOST", "LAKEBASE_PG_HOST"] + Self.endpointVariables + Self.instanceVariables
        let set = ignored.filter { self.environment[$0] != nil }
        if !set.isEmpty {
            self.notes.append(
                "DATABASE_URL is set: it decides alone, and \(set.joined(separator: ", ")) is not looked at")
        }
        do {
            let parsed = try PQConnection.Configuration(connectionString: url)
            var configuration = LakebaseConfiguration(
                target: .postgres(host: parsed.host, password: parsed.password), port: parsed.port,
                database: parsed.database, username: parsed.username, tls: parsed.tls,
                rootCertificate: parsed.rootCertificate, applicationName: parsed.applicationName,
                schema: self.environment["LAKEBASE_SCHEMA"])
            configuration.startupOptions = parsed.startupOptions
            let standard = PQConnection.Configuration(host: "", username: "", database: "").connectTimeout
            self.connectTimeout =
                parsed.connectTimeout == standard ? self.connectTimeoutVariable() : parsed.connectTimeout
            return configuration
        } catch {
            self.report("DATABASE_URL", "cannot be used", error.message)
            return nil
        }
    }

    private mutating func workspace() -> WorkspaceConfiguration? {
        do {
            return try WorkspaceConfiguration.resolve(environment: self.environment)
        } catch {
            self.report("DATABRICKS_HOST", "and its companions give no access to the workspace", error.message)
            return nil
        }
    }

    private mutating func port() -> Int {
        guard let text = self.environment["PGPORT"] else { return 5432 }
        guard let port = Int(text), (1...65535).contains(port) else {
            self.report("PGPORT", "is \"\(text)\"", "use a number between 1 and 65535")
            return 5432
        }
        return port
    }

    private mutating func connectTimeoutVariable() -> Duration? {
        guard let text = self.environment["PGCONNECT_TIMEOUT"] else { return nil }
        guard let seconds = Int(text), (0...3600).contains(seconds) else {
            self.report("PGCONNECT_TIMEOUT", "is \"\(text)\"", "use a number of seconds up to 3600")
            return nil
        }
        return PQConnection.Configuration.connectTimeout(libpqSeconds: seconds)
    }

    private mutating func sslMode() -> PQConnection.Configuration.TLSMode? {
        guard let text = self.environment["PGSSLMODE"] else { return nil }
        guard let mode = PQConnection.Configuration.TLSMode(rawValue: text) else {
            let known = PQConnection.Configuration.TLSMode.allCases.map(\.rawValue).joined(separator: ", ")
            self.report("PGSSLMODE", "is \"\(text)\"", "use one of \(known)")
            return nil
        }
        return mode
    }

    private mutating func rootCertificate() -> String? {
        guard let path = self.environment["PGSSLROOTCERT"], path != "system" else { return nil }
        if !FileManager.default.isReadableFile(atPath: path) {
            self.report("PGSSLROOTCERT", "names \(path), which cannot be read", "name a file with certificates in PEM")
        }
        return path
    }

    private mutating func checkEndpoint(_ endpoint: String) {
        let parts = endpoint.split(separator: "/", omittingEmptySubsequences: false)
        let isPath =
            parts.count == 6 && parts[0] == "projects" && parts[2] == "branches" && parts[4] == "endpoints"
            && !parts[1].isEmpty && !parts[3].isEmpty && !parts[5].isEmpty
        if !isPath {
            let name = Self.endpointVariables.first { self.environment[$0] == endpoint } ?? Self.endpointVariables[0]
            self.report(
                name, "is \"\(endpoint)\"", "use the full name: projects/…/branches/…/endpoints/…")
        }
    }

    /// The value of the first of `names` that is set; a problem when two are set and differ.
    private mutating func agreed(_ names: [String]) -> String? {
        let found = names.compactMap { name in self.environment[name].map { (name: name, value: $0) } }
        guard let first = found.first else { return nil }
        if let other = found.first(where: { $0.value != first.value }) {
            self.report(other.name, "and \(first.name) name different things", "unset one of them")
        } else if first.name != names[0] {
            self.notes.append("taking \(names[0]) from \(first.name)")
        }
        return first.value
    }

    private mutating func report(_ setting: String, _ message: String, _ remedy: String) {
        self.problems.append(.init(setting: setting, message: message, remedy: remedy))
    }
}
