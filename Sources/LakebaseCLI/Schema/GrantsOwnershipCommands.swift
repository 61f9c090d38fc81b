//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Lakebase
import LakebaseSchema
import Logging

/// `lakebase grants orphans`.
struct GrantsOrphansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orphans",
        abstract: "Show what roles that nobody is any more have left behind. Changes nothing.",
        discussion: """
            WHAT IS FOUND
              identity-gone  the role of a service principal that the workspace does not have any more, such as that of an app
                             that was made anew
              not-linked     a role with the name of a service principal that is linked to none, as CREATE ROLE makes it
              unreachable    a role that cannot log in and that no role that can is a member of
              and default privileges of roles that may make nothing in the schema and own nothing there

            People and groups are not looked up in the workspace. The extension databricks_auth has to be in the database to see \
            what roles are linked to.

            EXAMPLES
              lakebase grants orphans
              lakebase grants orphans --json | jq -r '.orphans[].role'

            Exit status: 0 when the database could be asked, whatever it says; 1 otherwise.
            """
    )

    @Flag(help: "Print a JSON object.")
    var json = false

    @Flag(help: "Do not ask the workspace whether service principals are still there.")
    var offline = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await self.connection.database.withClient { client, _ in
            let report = try await self.report(client)
            if !report.knowsIdentities {
                Terminal.note(
                    "What roles are linked to cannot be seen: the extension databricks_auth is not in this database. Make it with "
                        + "CREATE EXTENSION databricks_auth, or lost service principals are not found.")
            }
            if self.json {
                Terminal.output(try ReportText.json(OrphanLines(report)))
            } else {
                Terminal.output(OrphanLines.text(report))
            }
        }
    }

    private func report(_ client: LakebaseClient) async throws -> OrphanReport {
        guard !self.offline, let configuration = client.configuration.workspace else {
            return try await OrphanFinder(client: client).find()
        }
        let workspace = WorkspaceClient(
            configuration: configuration, retryPolicy: WorkspaceOptions.retryPolicy, logger: WorkspaceOptions.logger)
        do {
            return try await Progress.during("looking up service principals") {
                try await OrphanFinder(client: client, workspace: workspace).find()
            }
        } catch let error as DatabricksError {
            Terminal.note("Service principals were not looked up: \(error)")
            return try await OrphanFinder(client: client).find()
        }
    }
}

/// `lakebase grants transfer`.
struct GrantsTransferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Give what one role owns to another.",
        discussion: """
            For an app that was made anew: its new service principal may not alter what the old one made, whatever it was granted. \
            Without --yes it says what it would do and changes nothing. All is done in one transaction, and looked up \
            afterwards. The role that runs this has to be a member of both, or to have the right to make itself one; it is one for \
            the length of the transaction.

            Without --schema everything in the database moves, and databases that the role owns.

            EXAMPLES
              lakebase grants transfer --from OLD --to NEW
              lakebase grants transfer --from OLD --to NEW --schema app --yes

            Exit status: 0 when it was done, or would be; 1 when it was not, in which case nothing is changed; 64 when the command \
            line is wrong.
            """
    )

    @Option(help: ArgumentHelp("The role that owns it.", valueName: "role"))
    var from: String

    @Option(help: ArgumentHelp("The role that is to own it.", valueName: "role"))
    var to: String

    @Option(help: ArgumentHelp("The schema, itself included; everything when left out.", valueName: "name"))
    var schema: String?

    @Flag(help: "Really do it.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if [self.from, self.to, self.schema ?? "x"].contains("") { throw ValidationError("a name is empty") }
        if self.from.isExactly(self.to) { throw ValidationError("--from and --to are the same role") }
    }

    func run() async throws {
        try await self.connection.database.withClient(changes: self.yes) { client, _ in
            let ownership = Ownership(client: client)
            let plan =
                self.yes
                ? try await Progress.during("giving what \(self.from) owns to \(self.to)") {
                    try await ownership.transfer(from: self.from, to: self.to, schema: self.schema)
                } : try await ownership.planTransfer(from: self.from, to: self.to, schema: self.schema)
            for object in plan.objects { Terminal.output("\(self.yes ? "given" : "would be given"): \(object.words)") }
            if !self.yes { for statement in plan.statements { Terminal.output(statement + ";") } }
            for line in plan.left { Terminal.note("left: \(line)") }
            if plan.objects.isEmpty {
                Terminal.note("Nothing to give: \(self.from) owns nothing\(self.schema.map { " in \($0)" } ?? "").")
            } else if !self.yes {
                Terminal.note("Nothing was changed: add --yes to do it.")
            }
        }
    }
}

/// What `lakebase grants orphans` says.
private struct OrphanLines: Encodable {
    struct Role: Encodable {
        var role: String
        var reason: String
        var owned: [String]
        var granted: [String]
        var defaults: [String]
        var otherDatabases: [String]
        var remedy: String
    }

    var orphans: [Role]
    var idleDefaults: [String]
    var unchecked: [String]

    init(_ report: OrphanReport) {
        self.orphans = report.orphans.map { orphan in
            Role(
                role: orphan.role, reason: orphan.reason.rawValue, owned: orphan.owned.map(\.words),
                granted: orphan.granted.map(\.words), defaults: orphan.defaults.map(\.words),
                otherDatabases: orphan.elsewhere.map { "\($0.database): owns \($0.owned), is named by \($0.others)" },
                remedy: orphan.remedy)
        }
        self.idleDefaults = report.idleDefaults.map(\.words)
        self.unchecked = report.unchecked
    }

    static func text(_ report: OrphanReport) -> String {
        let lines = OrphanLines(report)
        var text: [String] = []
        for role in lines.orphans {
            text.append("\(role.role)  \(role.reason)")
            text += role.owned.map { "  owns \($0)" } + role.granted.map { "  has privileges on \($0)" }
            text += role.defaults.map { "  \($0)" } + role.otherDatabases.map { "  in the database \($0)" }
            text.append("  remedy: \(role.remedy)")
        }
        text += lines.idleDefaults.map { "idle \($0)" }
        return text.isEmpty ? "Nothing was left behind." : text.joined(separator: "\n")
    }
}
