//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation

/// `lakebase branches list`.
struct BranchListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the branches of a project with state, parent, age, expiry and endpoint.",
        discussion: """
            Changes nothing and wakes no compute.

            EXAMPLES
              lakebase branches list
              lakebase branches list --project notes --json | jq -r '.[] | select(.expire_time == null) | .id'

            Exit status: 0, or 1 if the project does not exist or the workspace cannot be reached.
            """
    )

    @OptionGroup var options: BranchOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        try await self.options.run { api in
            let project = try self.options.projectName
            let reports = try await Progress.during("asking for the branches of \(project)") {
                var reports: [BranchReport] = []
                for try await branch in api.listBranches(parent: project) {
                    reports.append(try await BranchReport(branch, api))
                }
                return reports
            }
            Terminal.output(self.json ? try BranchReport.json(reports) : BranchReport.table(reports, now: Date()))
        }
    }
}

/// `lakebase branches get`.
struct BranchGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show one branch with its endpoints.",
        discussion: """
            Changes nothing and wakes no compute.

            EXAMPLES
              lakebase branches get preview
              lakebase branches get preview --json | jq -r .state

            Exit status: 0, or 1 if there is no such branch.
            """
    )

    @OptionGroup var options: BranchOptions

    @Argument(help: "The branch.", completion: BranchCompletion.kind)
    var name: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await self.options.run { api in
            let report = try await BranchReport(
                try await api.getBranch(try self.options.reference(self.name).name), api)
            Terminal.output(self.json ? try BranchReport.json(report) : report.text(Date()))
        }
    }
}
