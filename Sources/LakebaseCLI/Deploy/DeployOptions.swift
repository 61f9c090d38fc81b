//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import LakebaseDeploy
import Logging

/// Which environment is meant, and where.
struct DeployOptions: ParsableArguments {
    @Option(name: [.customLong("env")], help: ArgumentHelp("The environment of deployment.yaml.", valueName: "name"))
    var environment: String

    @Option(help: ArgumentHelp("The file with the environments.", valueName: "file"))
    var file = Deployment.fileName

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The profile of the workspace; that of the environment of deployment.yaml when left out, else the variables DATABRICKS_….",
            valueName: "name"), completion: ProfileCompletion.kind)
    var profile: String?

    @Option(
        name: [.customLong("as")],
        help: ArgumentHelp("A copy of the environment for one person: an app and data of its own.", valueName: "name"))
    var person: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (option, value) in [
            ("--env", self.environment), ("--file", self.file), ("--profile", self.profile), ("--as", self.person),
        ] where value?.isEmpty == true {
            throw ValidationError("\(option) needs a name")
        }
    }

    /// Runs a body with the environment and a deployer, and turns errors into words and a status.
    func run(
        _ body: @Sendable @escaping (DeployContext) async throws -> Void
    ) async throws {
        do {
            let deployment = try Deployment.read(file: self.file)
            var environment = try deployment.environment(self.environment)
            if let person { environment = try environment.personal(person) }
            let context = DeployContext(
                environment: environment, deployer: try await self.deployer(environment), isJSON: self.json)
            // The body itself has written what a cancellation has left.
            try await Interruption.cancelling { try await body(context) }
        } catch let interruption as Interruption {
            throw ExitCode(interruption.exitStatus)
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Terminal.error("\(error)")
            if self.json { Terminal.output(DeployReportText.json(error: error, environment: self.environment)) }
            throw ExitCode(1)
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

/// What a subcommand works with.
struct DeployContext: Sendable {
    var environment: DeploymentEnvironment
    var deployer: Deployer
    var isJSON: Bool

    /// The environment with its files and migrations; a Swift product is built, which is told about.
    func desired() async throws -> DesiredState {
        let progress = DeployProgress()
        defer { progress.end() }
        return try await DesiredState.of(self.environment, stager: DeployStager(logger: self.deployer.logger)) {
            progress.tell($0)
        }
    }

    /// Shows a plan: for people on standard output unless that is for a program.
    func show(_ plan: DeployPlan) {
        let text = DeployReportText.text(plan)
        if self.isJSON { Terminal.note(text) } else { Terminal.output(text) }
    }

    /// Asks on the terminal; without one nothing is asked, and the answer is nil.
    func answer(to question: String) async throws -> String? {
        guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else { return nil }
        FileHandle.standardError.write(Data("\(question) ".utf8))
        return try await TypedLine.read()
    }
}
