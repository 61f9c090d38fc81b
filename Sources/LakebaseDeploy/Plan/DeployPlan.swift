//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AppManifest
internal import Databricks
internal import LakebaseSchema

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The steps that bring an environment from its observed to its desired state, decided without network or clock.
public struct DeployPlan: Sendable, Hashable {
    /// The environment.
    public var environment: String
    /// The steps, in order.
    public var steps: [DeployStep]
    /// What exists and stays as it is, a line each.
    public var kept: [String]
    /// Warnings for the user, a line each.
    public var warnings: [String]

    /// A plan from its parts.
    public init(environment: String, steps: [DeployStep], kept: [String] = [], warnings: [String] = []) {
        self.environment = environment
        self.steps = steps
        self.kept = kept
        self.warnings = warnings
    }

    /// Whether there is no step.
    public var isEmpty: Bool { self.steps.isEmpty }

    /// Compares the desired with the observed state.
    ///
    /// - Throws: ``DeployError`` when the two contradict each other; `MigrationError` when an applied migration was changed or is missing.
    public static func make(_ desired: DesiredState, _ observed: ObservedState) throws -> DeployPlan {
        var maker = PlanMaker(desired: desired, observed: observed)
        switch desired.lakebase.target {
        case .autoscaling(let place): try maker.planBranch(place)
        case .provisioned(let place): try maker.planInstance(place)
        }
        try maker.planApp()
        try maker.planFiles()
        try maker.planDatabase()
        try maker.planDeployment()
        return maker.plan
    }

    /// Returns a hash that identifies a version: its files and its database.
    public static func fingerprint(_ desired: DesiredState, key: String) throws -> String {
        let place =
            switch desired.lakebase.target {
            case .autoscaling(let place): place.branchName
            case .provisioned(let place): place.instance
            }
        let text = "\(try Self.files(desired, key: key).checksum)\n\(key)\n\(place)\n\(desired.lakebase.database)\n"
        return SourceFile.checksum(of: Data(text.utf8))
    }

    /// Returns the files of the app, with `app.yaml`.
    ///
    /// The manifest gets the variables by which the library finds its database. The endpoint is set by `valueFrom`, the only way in which the platform gives its
    /// path; host, port, database and user are set by the platform, for the first database.
    ///
    /// - Parameters:
    ///   - desired: The desired state of the app.
    ///   - key: The key of the database among the app's resources.
    public static func files(_ desired: DesiredState, key: String) throws -> SourceFiles {
        var own: [AppManifest.Variable]
        switch desired.lakebase.target {
        case .autoscaling:
            own = [.init("LAKEBASE_TYPE", .value("autoscaling")), .init("LAKEBASE_ENDPOINT", .valueFrom(key))]
        case .provisioned(let place):
            own = [.init("LAKEBASE_TYPE", .value("provisioned")), .init("LAKEBASE_INSTANCE", .value(place.instance))]
        }
        own.append(.init("LAKEBASE_SCHEMA", .value(desired.lakebase.schema)))
        let others = desired.environment.app.env.filter { variable in !own.contains(variable) }
        let twice = others.map(\.name).filter { name in own.contains { $0.name == name } }
        guard twice.isEmpty else {
            throw DeployError(
                .conflict, "the app's env sets \(twice.joined(separator: ", ")), which the deployment sets",
                remedy: "remove it from env in deployment.yaml, or from app.yaml")
        }
        let manifest = AppManifest(command: desired.command, env: own + others)
        let text: String
        do {
            text = try manifest.yaml()
        } catch {
            throw DeployError(.invalid, "app.yaml cannot be written: \(error)", underlying: error)
        }
        // The platform reads either name; one of another name from the folder would be a second truth.
        let files = desired.source.files.filter { $0.path != "app.yml" }
        return SourceFiles(files + [SourceFile(path: "app.yaml", bytes: Data(text.utf8))])
    }

    /// The database as a resource of the app, under the key of `deployment.yaml`.
    ///
    /// - Parameter database: The full name of the database as a resource; its name in PostgreSQL for an instance.
    static func resource(_ desired: DesiredState, database: String) -> Apps.Resource {
        let key = desired.lakebase.resource
        return switch desired.lakebase.target {
        case .autoscaling(let place): .postgres(key, branch: place.branchName, database: database)
        case .provisioned(let place): .database(key, instance: place.instance, database: database)
        }
    }
}
