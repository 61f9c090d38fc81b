//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase
import LakebaseDoctor
import Logging

/// `lakebase doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the connection step by step and report what to fix.",
        discussion: """
            Checks the configuration and where each value comes from, the host name, the network, TLS and the \
            certificate, the clocks, the login to the workspace, the endpoint, the credential, the role, the login \
            to the database, the schema, the privileges and the pool. The result of each step is ok, a warning, a \
            failure, or skipped with the reason. Changes nothing, prints no secret, and ends within a minute. The \
            steps before the login wake no compute.

            EXAMPLES
              Check the connection of a program that is started here:
                lakebase doctor
              Check another branch than that of the environment:
                lakebase doctor --branch preview
              In a script:
                if lakebase doctor --json > report.json; then ./start; fi
              List the checks that failed:
                lakebase doctor --json | jq -r '.checks[] | select(.verdict == "failure") | .finding'
              Do not wake a suspended compute:
                lakebase doctor --no-wake
              Check the database of the variables ORDERS_LAKEBASE_ENDPOINT and so on:
                lakebase doctor --prefix ORDERS

            Exit status: 0 if all checks are ok; 1 if a check failed; 2 if there are warnings and no failure; 64 \
            when the command line is wrong.
            """
    )

    @Flag(name: .customLong("no-wake"), help: "Stop before the login unless the compute is known to be awake.")
    var leavesAsleep = false

    @Option(help: ArgumentHelp("The prefix of the variables, for a program with several databases.", valueName: "name"))
    var prefix: String?

    @OptionGroup var place: PlaceOptions

    @OptionGroup var workspace: WorkspaceOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print details also of checks that are ok, and settings that have their defaults.")
    var verbose = false

    func validate() throws {
        try OptionCheck.values(["--prefix": self.prefix])
        guard self.prefix != nil else { return }
        for (option, value) in [
            ("--endpoint", self.place.endpoint), ("--branch", self.place.branch), ("--instance", self.place.instance),
        ] {
            try OptionCheck.atMostOne(
                ["--prefix": true, option: value != nil], "name two databases; use one of them")
        }
    }

    func run() async throws {
        let doctor = Doctor(
            environment: try self.workspace.environment(over: ProcessInfo.processInfo.environment),
            options: .init(wakes: !self.leavesAsleep, prefix: self.prefix, overrides: self.place.choice),
            logger: WorkspaceOptions.logger)
        let json = self.json
        let text = DoctorText(colours: Terminal.coloursOutput, isVerbose: self.verbose)
        let report = try await Progress.ofSteps(.slowSteps) { progress in
            await doctor.examine(
                onBegin: { progress.begin("checking \($0.rawValue): \($0.title)") },
                onCheck: { check, report in
                    progress.endStep()
                    guard !json else { return }
                    for line in text.lines(check) { Terminal.output(coloured: line) }
                    if check.step == .configuration, let configuration = report.configuration {
                        for line in text.lines(configuration) { Terminal.output(coloured: line) }
                    }
                })
        }
        if json { Terminal.output(try Self.json(report)) } else { Terminal.output(coloured: text.summary(report)) }
        if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    }

    private static func json(_ report: DoctorReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
