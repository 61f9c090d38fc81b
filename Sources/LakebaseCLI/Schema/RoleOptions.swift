//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
import Databricks
import Foundation
import Lakebase
public import LakebaseSchema
import Logging

/// Where roles are and by which way they are reached.
struct RoleOptions: ParsableArguments {
    /// The ways.
    enum Way: String, ExpressibleByArgument, CaseIterable { case api, sql }

    @Option(help: "The way: api or sql.")
    var by: Way?

    @Option(help: ArgumentHelp("The branch, projects/PROJECT/branches/BRANCH.", valueName: "path"))
    var branch: String?

    @Option(help: ArgumentHelp("The provisioned instance.", valueName: "name"))
    var instance: String?

    @OptionGroup var workspace: WorkspaceOptions

    func validate() throws {
        let places = [self.branch, self.instance].compactMap { $0 }
        if places.count == 2 { throw ValidationError("--branch and --instance exclude each other") }
        if places.contains("") { throw ValidationError("a name is empty") }
        if self.by == .sql, !places.isEmpty {
            throw ValidationError(
                "with --by sql the database is that of the environment: leave --branch and --instance out")
        }
        if let branch, branch.split(separator: "/", omittingEmptySubsequences: false).count != 4 {
            throw ValidationError("--branch is projects/PROJECT/branches/BRANCH, not '\(branch)'")
        }
    }

    /// Runs a body with a manager of the roles, and turns errors into words and status 1.
    ///
    /// - Parameter changes: Whether the body changes something, so that it is said where.
    func run(
        changes: Bool = false, _ body: @Sendable @escaping (RoleManager) async throws -> Void
    ) async throws {
        let place: RoleManager.Place?
        do {
            place = try self.place()
        } catch {
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
        guard let place else {
            return try await DatabaseWork.run(changes: changes, environment: self.environment) { client, _ in
                try await body(RoleManager(client: client))
            }
        }
        do {
            try await body(RoleManager(workspace: try self.workspace.client(changes: changes), place: place))
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
    }

    /// The place whose API is asked; nil when SQL is.
    private func place() throws -> RoleManager.Place? {
        if let branch { return .branch(branch) }
        if let instance { return .instance(instance) }
        if self.by == .sql { return nil }
        switch try LakebaseConfiguration.fromEnvironment(try self.environment()).target {
        case .autoscaling(let endpoint?, _):
            return .branch(endpoint.split(separator: "/").prefix(4).joined(separator: "/"))
        case .provisioned(let instance?, _): return .instance(instance)
        case .autoscaling(nil, _), .provisioned(nil, _), .postgres:
            guard self.by == .api else { return nil }
            throw ValidationError(
                "the API needs to know the place: give --branch or --instance, or set LAKEBASE_ENDPOINT")
        }
    }

    /// The environment by which the database is found, with what the options say about the workspace.
    func environment() throws -> [String: String] {
        try self.workspace.environment(over: ProcessInfo.processInfo.environment)
    }
}

extension RoleIdentity: ExpressibleByArgument {}
