//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
import Databricks
import Foundation
import Lakebase
public import LakebaseSchema
import Logging

/// The options that name a database, and how its roles are managed.
struct RoleOptions: ParsableArguments {
    /// How roles are managed: by the API of the workspace, or by SQL.
    enum Way: String, ExpressibleByArgument, CaseIterable { case api, sql }

    @Option(help: "How roles are managed: api or sql.")
    var by: Way?

    @OptionGroup var place: PlaceOptions

    @OptionGroup var workspace: WorkspaceOptions

    /// Runs a body with a `RoleManager`.
    ///
    /// - Parameter changes: Whether the body changes something. The workspace is then printed first.
    func run(
        changes: Bool = false, _ body: @Sendable @escaping (RoleManager) async throws -> Void
    ) async throws {
        guard let place = try self.apiPlace() else {
            return try await self.database.withClient(changes: changes) { client, _ in
                try await body(RoleManager(client: client))
            }
        }
        try await body(RoleManager(workspace: try self.workspace.client(changes: changes), place: place))
    }

    /// The place whose API manages the roles; nil if SQL does.
    private func apiPlace() throws -> RoleManager.Place? {
        if self.by == .sql { return nil }
        if let instance = self.place.instance { return .instance(instance) }
        let environment = try self.environment()
        if let branch = try self.place.choice.branchName(in: environment) { return .branch(branch) }
        let target: LakebaseConfiguration.Target
        if let endpoint = self.place.endpoint {
            guard LakebaseConfiguration.isEndpointName(endpoint) else {
                throw ValidationError("--endpoint is projects/…/branches/…/endpoints/…, not '\(endpoint)'")
            }
            target = .autoscaling(endpoint: endpoint, host: nil)
        } else {
            target = try LakebaseConfiguration.fromEnvironment(environment).target
        }
        switch target {
        case .autoscaling(let endpoint?, _):
            return .branch(endpoint.split(separator: "/").prefix(4).joined(separator: "/"))
        case .provisioned(let instance?, _): return .instance(instance)
        case .autoscaling(nil, _), .provisioned(nil, _), .postgres:
            guard self.by == .api else { return nil }
            throw ValidationError(
                "the API needs to know the place: give --branch or --instance, or set LAKEBASE_ENDPOINT")
        }
    }

    /// The database that the options choose.
    var database: DatabaseChoice {
        get throws { DatabaseChoice(overrides: self.place.choice, environment: try self.environment()) }
    }

    /// The environment with the workspace that the options choose.
    private func environment() throws -> [String: String] {
        try self.workspace.environment(over: ProcessInfo.processInfo.environment)
    }
}

extension RoleIdentity: ExpressibleByArgument {}
