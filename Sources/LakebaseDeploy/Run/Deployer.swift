//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
import ExactText
public import Logging

/// Brings an environment to where its `deployment.yaml` wants it, and looks at it.
///
/// ```swift
/// let deployer = Deployer(workspace: workspace, logger: logger)
/// let plan = try await deployer.plan(desired)
/// let report = try await deployer.apply(desired) { print($0) }
/// ```
///
/// Everything is decided by ``DeployPlan`` from what is wanted and what is there. Nothing is remembered on this machine, so anybody who may can go on
/// where another run has stopped.
public struct Deployer: Sendable {
    /// How a deployer works.
    public struct Options: Sendable, Hashable {
        /// A file with the certificates that the database's is verified with; nil means the system's.
        public var rootCertificate: String?
        /// The port of the database.
        public var port: Int
        /// How long one step may take.
        public var stepLimit: Duration
        /// How long a new version may take until it runs, after the platform has taken it.
        public var runLimit: Duration
        /// How long to wait for another deployment's work in the database.
        public var lockLimit: Duration
        /// The pauses between two looks at what goes on at the service.
        public var polling: PollingPolicy

        /// The options, each with a default.
        public init(
            rootCertificate: String? = nil, port: Int = 5432, stepLimit: Duration = .seconds(1_500),
            runLimit: Duration = .seconds(300), lockLimit: Duration = .seconds(120),
            polling: PollingPolicy = PollingPolicy(
                step: .milliseconds(500), limit: .seconds(10), jitter: .milliseconds(0) ... .milliseconds(250))
        ) {
            self.rootCertificate = rootCertificate
            self.port = port
            self.stepLimit = stepLimit
            self.runLimit = runLimit
            self.lockLimit = lockLimit
            self.polling = polling
        }
    }

    /// The workspace.
    public let workspace: WorkspaceClient
    /// How it works.
    public let options: Options
    /// What the clients beneath write to.
    public let logger: Logger
    /// Runs after each step, so that tests can stop there.
    package var afterStep: (@Sendable (DeployStep) async throws -> Void)?

    /// A deployer.
    ///
    /// - Parameters:
    ///   - workspace: The workspace, and the identity that calls it.
    ///   - options: How it works.
    ///   - logger: Gets what the clients beneath have to say.
    public init(workspace: WorkspaceClient, options: Options = Options(), logger: Logger) {
        self.workspace = workspace
        self.options = options
        self.logger = logger
    }

    /// What would have to be done; changes nothing.
    ///
    /// A database that sleeps is woken, since the migrations that ran are written in it.
    ///
    /// - Throws: ``DeployError`` when what is there contradicts what is wanted; `DatabricksError` and `LakebaseError` when it cannot be looked at;
    ///   `MigrationError` when a migration that ran was changed.
    public func plan(_ desired: DesiredState) async throws -> DeployPlan {
        try DeployPlan.make(desired, try await self.reader.observe(desired))
    }

    /// Does what has to be done.
    ///
    /// Every step looks at what is there first, so a run that was stopped anywhere is simply run again.
    ///
    /// - Parameters:
    ///   - desired: What is wanted.
    ///   - plan: A plan that was shown; made now when nil.
    ///   - report: Told what goes on.
    /// - Throws: As ``plan(_:)``, and ``DeployFailure`` with what was done and what is left.
    @discardableResult
    public func apply(
        _ desired: DesiredState, plan: DeployPlan? = nil, report: @escaping @Sendable (DeployEvent) -> Void = { _ in }
    ) async throws -> DeployReport {
        let plan = if let plan { plan } else { try await self.plan(desired) }
        try await self.executor(desired, report: report).run(plan.steps)
        return DeployReport(
            plan: plan,
            app: plan.isEmpty ? try await self.reader.app(desired.app) : try await self.workspace.apps.get(desired.app))
    }

    /// What has to be done to bring what runs to a new version: files, migrations, privileges and deployment.
    ///
    /// - Throws: As ``plan(_:)``; `notDeployed` when something is not there yet.
    public func updatePlan(_ desired: DesiredState) async throws -> DeployPlan {
        try await self.plan(desired).forUpdate()
    }

    /// What has to be done to take an environment away; changes nothing.
    ///
    /// - Parameters:
    ///   - environment: What is to go.
    ///   - deletesData: Whether the data is to go too.
    public func deletionPlan(_ environment: DeploymentEnvironment, deletesData: Bool) async throws -> DeployPlan {
        let reader = self.reader
        var observed = try await reader.observe(environment)
        if deletesData { observed.otherDatabases += try await reader.databasesOfInstance(environment, observed) }
        return try DeployPlan.deleting(environment, observed, deletesData: deletesData)
    }

    /// Takes an environment away.
    ///
    /// - Parameters:
    ///   - environment: What is to go.
    ///   - data: The name of the data, ``DeploymentEnvironment/dataName``, when it is to go too.
    ///   - plan: A plan that was shown; made now when nil.
    ///   - report: Told what goes on.
    /// - Throws: ``DeployError`` `unconfirmed` when the name is another one; ``DeployFailure``.
    @discardableResult
    public func delete(
        _ environment: DeploymentEnvironment, data: String? = nil, plan: DeployPlan? = nil,
        report: @escaping @Sendable (DeployEvent) -> Void = { _ in }
    ) async throws -> DeployPlan {
        if let data, !data.isExactly(environment.dataName) {
            throw DeployError(
                .unconfirmed, "the data of \(environment.title) is called \(environment.dataName), not \(data)",
                remedy: "nothing was deleted; to delete the data, give exactly this name: \(environment.dataName)")
        }
        let plan = if let plan { plan } else { try await self.deletionPlan(environment, deletesData: data != nil) }
        try await self.executor(DesiredState(environment: environment), report: report).run(plan.steps)
        return plan
    }

    /// Reads the workspace and the database.
    var reader: EnvironmentReader {
        EnvironmentReader(
            workspace: self.workspace,
            database: DatabaseConnector(
                workspace: self.workspace,
                options: .init(
                    rootCertificate: self.options.rootCertificate, port: self.options.port,
                    lockLimit: self.options.lockLimit),
                logger: self.logger))
    }

    private func executor(
        _ desired: DesiredState, report: @escaping @Sendable (DeployEvent) -> Void
    ) -> DeployExecutor {
        DeployExecutor(
            reader: self.reader, options: self.options, desired: desired, report: report, afterStep: self.afterStep)
    }
}
