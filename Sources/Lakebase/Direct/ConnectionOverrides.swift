//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
package import Logging

/// Values of a caller that override the environment: another endpoint, branch, instance, database, role or workspace.
///
/// If the place is overridden, the environment's other settings of its place are ignored, such as its host and its
/// password.
package struct ConnectionOverrides: Sendable, Hashable {
    /// The database to log in to.
    package enum Place: Sendable, Hashable {
        /// `projects/…/branches/…/endpoints/…`.
        case endpoint(String)
        /// The endpoint of a branch that writes: a full name, or an id in ``ConnectionOverrides/project``.
        case branch(String)
        /// A provisioned instance.
        case instance(String)
    }

    /// The place; nil means that of the environment.
    package var place: Place?
    /// The project of a branch that is given by its id; that of the environment's endpoint when nil.
    package var project: String?
    /// The database in PostgreSQL.
    package var database: String?
    /// The role.
    package var user: String?
    /// A profile of the workspace's configuration file; it replaces every workspace setting of the environment.
    package var profile: String?

    /// Creates overrides that change nothing.
    package init() {}

    /// Returns the configuration with the overrides; asks the workspace for the endpoint of a branch.
    ///
    /// - Parameters:
    ///   - environment: Variables by name.
    ///   - logger: Gets the workspace client's events.
    /// - Throws: ``LakebaseConfigurationError``; ``LakebaseError`` for a branch that cannot be found or has no endpoint
    ///   that writes; `DatabricksError`.
    package func configuration(over environment: [String: String], logger: Logger) async throws -> LakebaseConfiguration
    {
        var configuration = try LakebaseConfiguration.fromEnvironment(
            try await self.settled(over: environment, logger: logger))
        self.apply(to: &configuration)
        return configuration
    }

    /// Sets the database and the role that are chosen, and records for each value that was chosen that an option set it.
    package func apply(to configuration: inout LakebaseConfiguration) {
        if let database { configuration.database = database }
        if let user { configuration.username = user }
        var options: [String: String] = [:]
        if self.database != nil { options["database"] = "--database" }
        if self.user != nil { options["username"] = "--user" }
        switch self.place {
        case .endpoint: options.merge(["target": "--endpoint", "endpoint": "--endpoint"]) { $1 }
        case .branch: options.merge(["target": "--branch", "endpoint": "--branch"]) { $1 }
        case .instance: options.merge(["target": "--instance", "instance": "--instance"]) { $1 }
        case nil: break
        }
        configuration.setOptions(options)
    }

    /// The workspace that ``configuration(over:logger:)`` asks for the endpoint of a branch; nil when it asks nothing.
    package func askedWorkspace(over environment: [String: String]) throws -> WorkspaceConfiguration? {
        let environment = self.environment(over: environment)
        guard try self.branchName(in: environment) != nil else { return nil }
        return try .resolve(environment: environment)
    }

    /// Returns the environment with the overridden place; asks the workspace for the endpoint of a branch.
    package func settled(over environment: [String: String], logger: Logger) async throws -> [String: String] {
        var environment = self.environment(over: environment)
        if let name = try self.branchName(in: environment) {
            environment = Self.without(environment, Self.placeNames)
            environment["LAKEBASE_ENDPOINT"] = try await Self.endpoint(ofBranch: name, environment, logger)
        }
        return environment
    }

    /// The environment with the overrides that need no request to the workspace.
    func environment(over environment: [String: String]) -> [String: String] {
        var environment = environment
        if let profile {
            // An account of another workspace has another name there.
            environment = Self.without(
                WorkspaceConfiguration.environment(environment, choosing: profile), ["PGUSER"])
        }
        switch self.place {
        case .endpoint(let name):
            environment = Self.without(environment, Self.placeNames)
            environment["LAKEBASE_ENDPOINT"] = name
        case .instance(let name):
            environment = Self.without(environment, Self.placeNames)
            environment["LAKEBASE_INSTANCE"] = name
        case .branch, nil: break
        }
        return environment
    }

    private static let endpointNames = ["LAKEBASE_ENDPOINT", "LAKEBASE_ENDPOINT_NAME", "ENDPOINT_NAME"]
    /// The variables that say where the environment's database is, and which role logs in there.
    private static let placeNames =
        Self.endpointNames + [
            "DATABASE_URL", "LAKEBASE_TYPE", "LAKEBASE_INSTANCE", "LAKEBASE_INSTANCE_NAME", "LAKEBASE_PG_HOST",
            "PGHOST", "PGHOSTADDR", "PGPASSWORD", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS",
        ]

    private static func without(_ environment: [String: String], _ names: [String]) -> [String: String] {
        environment.filter { !names.contains($0.key) }
    }

    // MARK: A branch

    /// The project to use when none is given: that of the environment's endpoint.
    package static func project(in environment: [String: String]) -> String? {
        for name in Self.endpointNames {
            guard let endpoint = environment[name], LakebaseConfiguration.isEndpointName(endpoint) else { continue }
            return endpoint.split(separator: "/").prefix(2).joined(separator: "/")
        }
        return nil
    }

    /// The full name of the branch that the overrides name; nil when they name none.
    package func branchName(in environment: [String: String]) throws -> String? {
        guard case .branch(let text) = self.place else { return nil }
        return try self.branchName(text, environment)
    }

    /// `projects/…/branches/…` for a full name or an id.
    package func branchName(_ text: String, _ environment: [String: String]) throws(LakebaseError) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 4, parts[0] == "projects", parts[2] == "branches", !parts.contains("") { return text }
        guard parts.count == 1, !text.isEmpty else {
            throw LakebaseError(
                .targetNotFound, "\"\(text)\" is not the name of a branch", problem: .targetUnnamed,
                remedy: "use its id, or the full name projects/…/branches/…")
        }
        guard let project = self.project.map(Self.projectName) ?? Self.project(in: environment) else {
            throw LakebaseError(
                .targetNotFound, "the project of the branch \(text) is not known", problem: .targetUnnamed,
                remedy:
                    "give its full name projects/…/branches/\(text), add --project, or set LAKEBASE_ENDPOINT to an endpoint of the project"
            )
        }
        return "\(project)/branches/\(text)"
    }

    /// `projects/…` for a full name or an id.
    package static func projectName(_ text: String) -> String {
        text.hasPrefix("projects/") ? text : "projects/\(text)"
    }

    private static func endpoint(
        ofBranch branch: String, _ environment: [String: String], _ logger: Logger
    ) async throws -> String {
        let client = WorkspaceClient(
            configuration: try .resolve(environment: environment), retryPolicy: .forLogins, logger: logger)
        defer { client.shutDown() }
        let endpoints = try await client.postgres.listEndpoints(parent: branch).all()
        let writing = endpoints.first { ($0.status?.endpointType ?? $0.spec?.endpointType) == .readWrite }
        guard let name = writing?.name else {
            throw LakebaseError(
                .targetNotFound, "the branch \(branch) has no read-write endpoint", problem: .targetMissing,
                remedy: endpoints.isEmpty
                    ? "create one, or choose another branch: lakebase branches list"
                    : "choose one of its endpoints: \(endpoints.compactMap(\.name).joined(separator: ", "))")
        }
        return name
    }
}
