//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks
internal import Lakebase
public import LakebaseSchema

/// The state of an environment at a moment.
public struct EnvironmentStatus: Sendable, Hashable {
    /// The environment.
    public var environment: DeploymentEnvironment
    /// The state of the workspace and the database.
    public var observed: ObservedState
    /// Why the database could not be read; nil when it was read.
    public var databaseProblem: String?

    /// Whether the app runs, the database can be read, and no migration is pending.
    public var isWell: Bool {
        self.observed.app?.appStatus?.state == .running && self.databaseProblem == nil
            && self.observed.contents?.migrations?.isComplete == true
    }

    /// The branch or instance of the database, as the service names it.
    public var place: String {
        switch self.environment.lakebase.target {
        case .autoscaling(let place): place.branchName
        case .provisioned(let place): "instance \(place.instance)"
        }
    }

    /// Whether the branch or instance exists.
    public var hasPlace: Bool { self.observed.branch != nil || self.observed.instance != nil }

    /// The files of the pending migrations.
    public var pending: [String] {
        self.migrations.filter { $0.state == .pending || $0.state == .outOfOrder }.map { $0.source ?? $0.name }
    }

    /// The migrations that differ from those recorded in the database, each with the difference.
    public var migrationProblems: [String] {
        self.migrations.compactMap { entry in
            let name = entry.source ?? "\(entry.version)_\(entry.name)"
            return switch entry.state {
            case .applied, .pending: nil
            case .edited: "\(name): edited after it ran"
            case .missing: "\(name): ran, and its file is missing"
            case .unfinished: "\(name): stopped half-way"
            case .outOfOrder: "\(name): did not run, and is older than an applied one"
            }
        }
    }

    private var migrations: [MigrationPlan.Entry] { self.observed.contents?.migrations?.entries ?? [] }
}

extension Deployer {
    /// Reads the state of an environment; changes nothing.
    ///
    /// - Throws: `DatabricksError` when the workspace cannot be reached. A database that cannot be reached is part of the status.
    public func status(_ environment: DeploymentEnvironment, migrations: [Migration]) async throws -> EnvironmentStatus
    {
        let desired = DesiredState(environment: environment, migrations: migrations)
        do {
            return EnvironmentStatus(environment: environment, observed: try await self.reader.observe(desired))
        } catch let error as LakebaseError {
            return EnvironmentStatus(
                environment: environment, observed: try await self.reader.observe(environment),
                databaseProblem: "\(error)")
        }
    }
}
