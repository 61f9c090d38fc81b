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
            try await DeployInterrupts.run { try await body(context) }
        } catch let failure as CarriedOutFailure {
            if self.json { Terminal.output(DeployReportText.json(failure.failure, failure.plan)) }
            throw CommandError("\(failure.failure)", status: DeployInterrupts.status ?? 1)
        } catch {
            if self.json, !(error is ExitCode) {
                Terminal.output(DeployReportText.json(error: error, environment: self.environment))
            }
            throw error
        }
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

    /// Asks a question on the terminal; nil without a terminal.
    func answer(to question: String) -> String? {
        guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else { return nil }
        Terminal.ask("\(question) ")
        return readLine() ?? ""
    }
}
