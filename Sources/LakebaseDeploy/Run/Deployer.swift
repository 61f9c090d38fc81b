//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
import ExactText
public import Logging

/// Deploys an environment as its `deployment.yaml` describes it, and reports its state.
///
/// ```swift
/// let deployer = Deployer(workspace: workspace, logger: logger)
/// let plan = try await deployer.plan(desired)
/// let report = try await deployer.apply(desired) { print($0) }
/// ```
///
/// ``DeployPlan`` decides everything from the desired and the observed state. Nothing is stored on this machine, so that any user with the rights can continue
/// a run that has stopped.
public struct Deployer: Sendable {
    /// The options of a deployer.
    public struct Options: Sendable, Hashable {
        /// A file with the root certificates for the database's certificate; nil means the system's.
        public var rootCertificate: String?
        /// The port of the database.
        public var port: Int
        /// The time limit of a step.
        public var stepLimit: Duration
        /// The time limit for a new version to run, after the platform has accepted it.
        public var runLimit: Duration
        /// How long to wait while another deployment changes the database.
        public var lockLimit: Duration
        /// The pauses between two requests for the state of an operation.
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
    /// The options.
    public let options: Options
    /// The logger of the clients.
    public let logger: Logger
    /// Runs after each step, so that tests can stop there.
    package var afterStep: (@Sendable (DeployStep) async throws -> Void)?

    /// Creates a deployer.
    ///
    /// - Parameters:
    ///   - workspace: The workspace, and the identity that calls it.
    ///   - options: The options.
    ///   - logger: The logger of the clients.
    public init(workspace: WorkspaceClient, options: Options = Options(), logger: Logger) {
        self.workspace = workspace
        self.options = options
        self.logger = logger
    }

    /// Returns the steps that would deploy an environment; changes nothing.
    ///
    /// A suspended database is woken, because it records which migrations ran.
    ///
    /// - Throws: ``DeployError`` when the observed state contradicts the desired one; `DatabricksError` and `LakebaseError` when it cannot be read;
    ///   `MigrationError` when a migration that ran was changed.
    public func plan(_ desired: DesiredState) async throws -> DeployPlan {
        try DeployPlan.make(desired, try await self.reader.observe(desired))
    }

    /// Deploys an environment.
    ///
    /// Every step reads the current state first, so a run that was stopped can be repeated.
    ///
    /// - Parameters:
    ///   - desired: The desired state.
    ///   - plan: A plan that was shown before; created now when nil.
    ///   - report: Called with each event.
    /// - Throws: As ``plan(_:)``, and ``DeployFailure`` with the steps that are done and those that are not.
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

    /// Returns the steps that update a deployed environment to a new version: files, migrations, privileges and deployment.
    ///
    /// - Throws: As ``plan(_:)``; `notDeployed` when something would have to be created first.
    public func updatePlan(_ desired: DesiredState) async throws -> DeployPlan {
        try await self.plan(desired).forUpdate()
    }

    /// Returns the steps that delete an environment; changes nothing.
    ///
    /// - Parameters:
    ///   - environment: The environment to delete.
    ///   - deletesData: Whether to delete the data too.
    public func deletionPlan(_ environment: DeploymentEnvironment, deletesData: Bool) async throws -> DeployPlan {
        let reader = self.reader
        var observed = try await reader.observe(environment)
        if deletesData { observed.otherDatabases += try await reader.databasesOfInstance(environment, observed) }
        return try DeployPlan.deleting(environment, observed, deletesData: deletesData)
    }

    /// Deletes an environment.
    ///
    /// - Parameters:
    ///   - environment: The environment to delete.
    ///   - data: The name of the data, ``DeploymentEnvironment/dataName``, when it is to go too.
    ///   - plan: A plan that was shown before; created now when nil.
    ///   - report: Called with each event.
    /// - Throws: ``DeployError`` `unconfirmed` when `data` is not the name of the data; ``DeployFailure``.
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
