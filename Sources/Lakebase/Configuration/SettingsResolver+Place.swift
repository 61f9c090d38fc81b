//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import ExactText
import Secrets

/// Where the database is, and what kind it is.
extension SettingsResolver {
    /// The configuration without pool, session and credential; nil when there is none, and ``problems`` says why.
    mutating func place() -> LakebaseConfiguration? {
        if let url = self.text(.databaseURL) { return self.connectionString(Secret(url)) }
        let endpoint = self.agreed(Self.endpointSettings, as: "endpoint")
        let instance = self.agreed(Self.instanceSettings, as: "instance")
        let address = self.text(.hostAddress, as: "hostAddress")
        let host = self.host()
        if let endpoint { self.checkEndpoint(endpoint) }
        let type = self.type()
        if let password = self.text(.password, as: "password") {
            // This setting decides, whatever else is set.
            self.sources["target"] = self.sources["password"]
            if endpoint != nil || instance != nil || type != nil {
                self.notes.append(
                    "\(self.name(.password)) is set: it is used as it is, and no credential is minted")
            }
            if endpoint != nil || instance != nil {
                // Looking the host up would need the workspace; guessing this machine would send the password elsewhere.
                if host == nil, address == nil {
                    self.report(
                        .host,
                        "is not set, while \(self.name(.password)) is and \(endpoint ?? instance ?? "") has to be found",
                        "set it to the host of the database, or unset \(self.name(.password)) to have a credential minted"
                    )
                }
            }
            return self.finish(
                .postgres(host: host ?? address ?? "localhost", password: Secret(password)), address: address)
        }
        // As with libpq, an address alone is the host.
        let isPlaced = endpoint != nil || instance != nil || type != nil
        return self.finish(
            self.target(type, endpoint: endpoint, instance: instance, host: host ?? (isPlaced ? nil : address)),
            address: address)
    }

    private mutating func host() -> String? {
        let host = self.text(.host, as: "host")
        guard let override = self.text(.hostOverride, as: "host") else { return host }
        if let host, !host.isExactly(override) {
            self.notes.append("taking the host from \(self.name(.hostOverride)), not \(self.name(.host))")
        }
        return override
    }

    // MARK: Which kind

    private enum Kind { case autoscaling, provisioned, unknown }

    private mutating func type() -> Kind? {
        switch self.text(.type, as: "target") {
        case nil: return nil
        case "autoscaling": return .autoscaling
        case "provisioned": return .provisioned
        case let other?:
            self.report(.type, "is \"\(other)\"", "use autoscaling or provisioned")
            return .unknown
        }
    }

    private mutating func target(
        _ kind: Kind?, endpoint: String?, instance: String?, host: String?
    ) -> LakebaseConfiguration.Target {
        switch kind {
        case .autoscaling:
            if endpoint == nil, host == nil {
                self.report(
                    .endpoint,
                    "is not set, nor is \(self.name(.host)), while \(self.name(.type)) is autoscaling",
                    "set it to projects/…/branches/…/endpoints/…; in app.yaml: valueFrom: postgres")
            }
            if let instance { self.ignore("instance", instance, because: "autoscaling") }
            return .autoscaling(endpoint: endpoint, host: host)
        case .provisioned:
            if instance == nil, host == nil {
                self.report(
                    .instance,
                    "is not set, nor is \(self.name(.host)), while \(self.name(.type)) is provisioned",
                    "set it to the name of the database instance")
            }
            if let endpoint { self.ignore("endpoint", endpoint, because: "provisioned") }
            return .provisioned(instance: instance, host: host)
        case .unknown:
            // Reported already. The work continues, so that the other problems are reported too.
            return .autoscaling(endpoint: endpoint, host: host)
        case nil:
            return self.inferredTarget(endpoint: endpoint, instance: instance, host: host)
        }
    }

    private mutating func ignore(_ what: String, _ value: String, because kind: String) {
        self.notes.append("\(self.name(.type)) is \(kind): the \(what) \(value) is ignored")
    }

    private mutating func inferredTarget(
        endpoint: String?, instance: String?, host: String?
    ) -> LakebaseConfiguration.Target {
        switch (endpoint, instance, host) {
        case (_?, _?, _):
            self.report(
                .type, "is not set, while both an endpoint and an instance are",
                "set it to autoscaling or provisioned, or unset one of the two")
            return .autoscaling(endpoint: endpoint, host: host)
        case (let endpoint?, nil, _):
            return .autoscaling(endpoint: endpoint, host: host)
        case (nil, let instance?, _):
            return .provisioned(instance: instance, host: host)
        case (nil, nil, let host?):
            if LakebaseHost.isServiceName(host), host.startsExactly(with: "instance-") {
                self.notes.append("no instance is set: the instance of \(host) will be looked up")
                return .provisioned(instance: nil, host: host)
            }
            if self.lookup.workspaceEnvironment["DATABRICKS_HOST"] != nil || LakebaseHost.isServiceName(host) {
                self.notes.append("no endpoint is set: the endpoint of \(host) will be looked up")
                return .autoscaling(endpoint: nil, host: host)
            }
            self.notes.append(
                "\(self.name(.host)) is set without an endpoint and without a workspace: an ordinary PostgreSQL")
            return .postgres(host: host, password: nil)
        case (nil, nil, nil):
            self.notes.append("nothing is configured: using the PostgreSQL on this machine")
            return .postgres(host: "localhost", password: nil)
        }
    }

    private mutating func checkEndpoint(_ endpoint: String) {
        guard !LakebaseConfiguration.isEndpointName(endpoint) else { return }
        let setting =
            Self.endpointSettings.first { self.lookup.find($0)?.text == endpoint } ?? Self.endpointSettings[0]
        self.report(setting, "is \"\(endpoint)\"", "use the full name: projects/…/branches/…/endpoints/…")
    }

    // MARK: The rest

    private mutating func finish(_ target: LakebaseConfiguration.Target, address: String?) -> LakebaseConfiguration {
        let sslMode = self.sslMode()
        var configuration = LakebaseConfiguration(target: target, hostAddress: address)
        self.takeServers(into: &configuration, address: address)
        self.takeTargetSession(into: &configuration)
        self.takeLoadBalancing(into: &configuration)
        configuration.username = self.text(.user, as: "username")
        configuration.rootCertificate = self.rootCertificate()
        configuration.applicationName = self.text(.applicationName, as: "applicationName")
        let database = self.text(.database, as: "database")
        switch configuration.target {
        case .autoscaling, .provisioned:
            configuration.database = database ?? "databricks_postgres"
            configuration.workspace = self.workspace()
            configuration.allowsOtherHosts = self.text(.hostOverride, as: "allowsOtherHosts") != nil
            self.sources["tls"] = nil
            if let sslMode, sslMode != .verifyFull {
                self.notes.append(
                    "\(self.name(.sslMode)) is \(sslMode.rawValue): the server is verified in full all the same, since the password is a token"
                )
            }
        case .postgres(let host, _):
            if configuration.username == nil, self.lookup.machineUser != nil {
                self.sources["username"] = .environment("USER")
            }
            let user = configuration.username ?? self.lookup.machineUser ?? "postgres"
            configuration.username = user
            configuration.database = database ?? user
            // Lakebase's hosts have publicly trusted certificates, so the server can be verified before the password is
            // sent.
            let names = [host] + configuration.additionalHosts.map(\.name)
            configuration.tls = sslMode ?? (names.contains(where: LakebaseHost.isServiceName) ? .verifyFull : .prefer)
        }
        return configuration
    }

    /// The servers of `PGHOST`, `PGHOSTADDR` and `PGPORT`, which may be lists.
    private mutating func takeServers(into configuration: inout LakebaseConfiguration, address: String?) {
        let isList: (String?) -> Bool = { $0?.utf8.contains(UInt8(ascii: ",")) ?? false }
        let ports = self.text(.port, as: "port")
        guard case .postgres(let host, let password) = configuration.target else {
            configuration.port = self.port()
            let hosts: [String?] =
                switch configuration.target {
                case .autoscaling(_, let host), .provisioned(_, let host): [host, address]
                case .postgres: []
                }
            if hosts.contains(where: isList) {
                self.report(
                    self.isSet(.hostOverride) ? .hostOverride : .host,
                    "names several hosts, while the password is a token, which is sent to the database's own host only",
                    "name one host, or none: it is looked up then")
            }
            return
        }
        guard isList(host) || isList(address) || isList(ports) else {
            configuration.port = self.port()
            return
        }
        do {
            // An address alone was taken for the host.
            let name = host == address ? "" : host
            let hosts = try PQConnection.Configuration.hosts(
                ["host": name, "hostaddr": address ?? "", "port": ports ?? ""])
            configuration.target = .postgres(host: hosts[0].name, password: password)
            configuration.hostAddress = hosts[0].address
            configuration.port = hosts[0].port
            configuration.additionalHosts = Array(hosts[1...])
            self.sources["additionalHosts"] = self.sources["host"] ?? self.sources["hostAddress"]
        } catch {
            self.report(.host, "cannot be used with its companions", error.message)
        }
    }

    mutating func takeTargetSession(into configuration: inout LakebaseConfiguration) {
        guard let text = self.text(.targetSession, as: "targetSession") else { return }
        guard let target = PQConnection.Configuration.TargetSession(rawValue: text) else {
            let known = PQConnection.Configuration.TargetSession.allCases.map(\.rawValue).joined(separator: ", ")
            return self.report(.targetSession, "is \"\(text)\"", "use one of \(known)")
        }
        configuration.targetSession = target
    }

    mutating func takeLoadBalancing(into configuration: inout LakebaseConfiguration) {
        guard let text = self.text(.loadBalancing, as: "loadBalancing") else { return }
        guard let balancing = PQConnection.Configuration.LoadBalancing(rawValue: text) else {
            return self.report(.loadBalancing, "is \"\(text)\"", "use disable or random")
        }
        configuration.loadBalancing = balancing
    }

    private mutating func workspace() -> WorkspaceConfiguration? {
        do {
            return try WorkspaceConfiguration.resolve(environment: self.lookup.workspaceEnvironment)
        } catch {
            self.report("DATABRICKS_HOST", "and its companions give no access to the workspace", error.message)
            return nil
        }
    }

    private mutating func port() -> Int {
        guard let text = self.text(.port, as: "port") else { return 5432 }
        guard let port = Int(text), (1...65535).contains(port) else {
            self.report(.port, "is \"\(text)\"", "use a number between 1 and 65535")
            return 5432
        }
        return port
    }

    mutating func sslMode() -> PQConnection.Configuration.TLSMode? {
        guard let text = self.text(.sslMode, as: "tls") else { return nil }
        guard let mode = PQConnection.Configuration.TLSMode(rawValue: text) else {
            let known = PQConnection.Configuration.TLSMode.allCases.map(\.rawValue).joined(separator: ", ")
            self.report(.sslMode, "is \"\(text)\"", "use one of \(known)")
            return nil
        }
        return mode
    }
}
