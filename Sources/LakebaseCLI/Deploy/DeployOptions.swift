//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import LakebaseDeploy
import Logging

/// The options that choose the environment and its workspace.
struct DeployOptions: ParsableArguments {
    @Option(
        name: [.customLong("env")],
        help: ArgumentHelp("The name of the environment in deployment.yaml.", valueName: "name"))
    var environment: String

    @Option(help: ArgumentHelp("The file with the environments.", valueName: "file"))
    var file = Deployment.fileName

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The profile of the workspace; default: the profile in deployment.yaml, else the variables DATABRICKS_….",
            valueName: "name"), completion: ProfileCompletion.kind)
    var profile: String?

    @Option(
        name: [.customLong("as")],
        help: ArgumentHelp("Use a personal copy of the environment, with its own app and data.", valueName: "name"))
    var person: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try OptionCheck.values([
            "--env": self.environment, "--file": self.file, "--profile": self.profile, "--as": self.person,
        ])
    }

    /// Runs a body with the environment and a deployer; with --json an error is printed as JSON, too.
    func run(
        _ body: @Sendable @escaping (DeployContext) async throws -> Void
    ) async throws {
        do {
            let deployment = try Deployment.read(file: self.file)
            var environment = try deployment.environment(self.environment)
            if let person { environment = try environment.personal(person) }
            let context = DeployContext(
                environment: environment, deployer: try await self.deployer(environment), isJSON: self.json)
            try await Interruption.cancelling { try await body(context) }
        } catch let interruption as Interruption {
            guard let failure = interruption.failure as? CarriedOutFailure else {
                throw ExitCode(interruption.exitStatus)
            }
            throw self.reported(failure, status: interruption.exitStatus)
        } catch let failure as CarriedOutFailure {
            throw self.reported(failure, status: 1)
        } catch {
            if self.json, !(error is ExitCode) {
                Terminal.output(DeployReportText.json(error: error, environment: self.environment))
            }
            throw error
        }
    }

    /// The error for a plan that stopped at a step, after the JSON about it was written.
    private func reported(_ failure: CarriedOutFailure, status: Int32) -> CommandError {
        if self.json { Terminal.output(DeployReportText.json(failure.failure, failure.plan)) }
        return CommandError("\(failure.failure)", status: status)
    }

    private func deployer(_ environment: DeploymentEnvironment) async throws -> Deployer {
        let variables = ProcessInfo.processInfo.environment
        var logger = Logger(label: "lakebase", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        let found = try WorkspaceConfiguration.resolve(
            .init(profile: self.profile ?? environment.profile, product: WorkspaceOptions.product))
        WorkspaceNotice.tell(found)
        let configuration = await found.completedByHost(logger: logger)
        var options = Deployer.Options()
        // As the library reads them: what a local Lakebase needs.
        if let file = variables["PGSSLROOTCERT"], !file.isEmpty { options.rootCertificate = file }
        if let port = variables["PGPORT"].flatMap(Int.init), (1...65_535).contains(port) { options.port = port }
        return Deployer(
            workspace: WorkspaceClient(configuration: configuration, logger: logger), options: options, logger: logger)
    }
}

/// The environment and the deployer of a subcommand.
struct DeployContext: Sendable {
    var environment: DeploymentEnvironment
    var deployer: Deployer
    var isJSON: Bool

    /// The environment with its files and migrations; a Swift product is built, with progress on standard error.
    func desired() async throws -> DesiredState {
        try await Progress.ofSteps(.slow) { progress in
            progress.begin("preparing the files to deploy")
            return try await DesiredState.of(self.environment, stager: DeployStager(logger: self.deployer.logger)) {
                progress.tell($0)
            }
        }
    }

    /// Prints a plan: on standard output, or on standard error if standard output is for JSON.
    func show(_ plan: DeployPlan) {
        let text = DeployReportText.text(plan)
        if self.isJSON { Terminal.note(text) } else { Terminal.output(text) }
    }
}
