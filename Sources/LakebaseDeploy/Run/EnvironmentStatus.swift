//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks
internal import Lakebase
public import LakebaseSchema

/// How an environment is at a moment.
public struct EnvironmentStatus: Sendable, Hashable {
    /// The environment.
    public var environment: DeploymentEnvironment
    /// What was found.
    public var observed: ObservedState
    /// Why the database could not be looked into.
    public var databaseProblem: String?

    /// Whether everything that can be told from here is well: the app runs, and no migration is left.
    public var isWell: Bool {
        self.observed.app?.appStatus?.state == .running && self.databaseProblem == nil
            && self.observed.contents?.migrations?.isComplete == true
    }

    /// The database's place, as the service names it.
    public var place: String {
        switch self.environment.lakebase.target {
        case .autoscaling(let place): place.branchName
        case .provisioned(let place): "instance \(place.instance)"
        }
    }

    /// Whether there is such a place.
    public var hasPlace: Bool { self.observed.branch != nil || self.observed.instance != nil }

    /// The migrations that did not run yet, by their files.
    public var pending: [String] {
        self.migrations.filter { $0.state == .pending || $0.state == .outOfOrder }.map { $0.source ?? $0.name }
    }

    /// The migrations that are not what the database remembers, each with what is wrong.
    public var migrationProblems: [String] {
        self.migrations.compactMap { entry in
            let name = entry.source ?? "\(entry.version)_\(entry.name)"
            return switch entry.state {
            case .applied, .pending: nil
            case .edited: "\(name): edited after it ran"
            case .missing: "\(name): ran, and its file is not here"
            case .unfinished: "\(name): stopped half-way"
            case .outOfOrder: "\(name): did not run, and is older than one that did"
            }
        }
    }

    private var migrations: [MigrationPlan.Entry] { self.observed.contents?.migrations?.entries ?? [] }
}

extension Deployer {
    /// Looks at an environment; changes nothing.
    ///
    /// - Throws: `DatabricksError` when the workspace cannot be asked. A database that cannot be reached is part of the status.
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
