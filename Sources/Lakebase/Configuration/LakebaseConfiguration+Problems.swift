//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

extension LakebaseConfiguration {
    /// Every problem of the values, and every value that would have no effect; empty when there is none.
    ///
    /// Checked when a client is created from the configuration, whether it was read from the environment or created in
    /// code.
    ///
    /// - Parameter hasWorkspace: Whether there is a workspace besides ``workspace``.
    func problems(hasWorkspace: Bool) -> [LakebaseConfigurationError.Problem] {
        var problems = self.pool.configurationProblems
        func require(_ condition: Bool, _ name: String, _ message: String, _ remedy: String) {
            if !condition { problems.append(.init(setting: name, message: message, remedy: remedy)) }
        }
        require(
            !self.usesTokens || self.workspace != nil || hasWorkspace, "workspace",
            "is not configured, while the password has to be minted", "set DATABRICKS_HOST and a way to authenticate")
        require(
            self.hostAddress.map(NameResolver.isNumeric) ?? true, "hostAddress", "is \"\(self.hostAddress ?? "")\"",
            "use a numeric address, such as 10.0.0.1 or fe80::1; a name belongs to the host")
        require(
            self.additionalHosts.isEmpty || !self.usesTokens, "additionalHosts",
            "names more servers, while the password is a token, which is sent to the database's own host only",
            "name one host, or none: it is looked up then")
        for host in self.additionalHosts {
            require(
                host.address.map(NameResolver.isNumeric) ?? true, "additionalHosts",
                "has the address \"\(host.address ?? "")\"", "use a numeric address, such as 10.0.0.1 or fe80::1")
        }
        require((1...65535).contains(self.port), "port", "is \(self.port)", "use a number between 1 and 65535")
        require(!self.database.isEmpty, "database", "is empty", "name the database")
        require(self.username?.isEmpty != true, "username", "is empty", "name a role, or leave it out")
        require(
            self.statementCacheCapacity >= 0, "statementCacheCapacity", "is \(self.statementCacheCapacity)",
            "use 0 or more")
        let keepalive = self.keepaliveIdle.bounded.components
        require(
            keepalive.seconds >= 1 && keepalive.attoseconds == 0, "keepaliveIdle",
            "is \(DurationText.text(self.keepaliveIdle))", "use whole seconds, at least one")
        require(
            self.schema == nil || self.settings["search_path"] == nil, "schema",
            "is set, while the session's settings have a search_path", "use one of the two")
        problems += self.targetProblems
        problems += self.credential.problems(for: self.target)
        return problems
    }

    private var targetProblems: [LakebaseConfigurationError.Problem] {
        switch self.target {
        case .autoscaling(nil, nil), .provisioned(nil, nil):
            [
                .init(
                    setting: "target", message: "names neither a database nor a host",
                    remedy: "name the endpoint or instance, the host, or both")
            ]
        case .autoscaling(let endpoint?, _) where !Self.isEndpointName(endpoint):
            [
                .init(
                    setting: "endpoint", message: "is \"\(endpoint)\"",
                    remedy: "use the full name: projects/…/branches/…/endpoints/…")
            ]
        case .postgres(let host, _) where host.isEmpty:
            [.init(setting: "host", message: "is empty", remedy: "name the host")]
        case .autoscaling, .provisioned, .postgres: []
        }
    }

    /// Whether a text has the form of an endpoint's full name.
    package static func isEndpointName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "projects" && parts[2] == "branches" && parts[4] == "endpoints"
            && !parts[1].isEmpty && !parts[3].isEmpty && !parts[5].isEmpty
    }
}
