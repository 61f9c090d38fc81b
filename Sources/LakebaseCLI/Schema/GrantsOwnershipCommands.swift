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
        abstract: "Find roles whose identity no longer exists, and the objects they own.",
        discussion: """
            Changes nothing.

            RESULTS
              identity-gone  a role of a service principal that no longer exists in the workspace, such as that of \
            an app that was deleted and created again
              not-linked     a role with the name of a service principal that is linked to none, as CREATE ROLE \
            creates it
              unreachable    a role that cannot log in and of which no role that can log in is a member
              and default privileges of roles that may create nothing in the schema and own nothing there

            Users and groups are not looked up in the workspace. The extension databricks_auth must be installed in \
            the database: it records which identity a role is linked to.

            EXAMPLES
              lakebase grants orphans
              lakebase grants orphans --json | jq -r '.orphans[].role'

            Exit status: 0 if the database could be read, whatever was found; 1 otherwise.
            """
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Do not ask the workspace whether service principals still exist.")
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
        abstract: "Transfer the ownership of objects from one role to another.",
        discussion: """
            Use it after an app was deleted and created again: its new service principal may not alter the objects \
            of the old one, whatever privileges it has. Without --yes it prints what it would do and changes \
            nothing. All changes are made in one transaction and verified. The role that runs this command must be a \
            member of both roles, or be allowed to grant itself the membership, which it then has until the \
            transaction ends.

            Without --schema, all objects in the database are transferred, and databases that the role owns.

            EXAMPLES
              lakebase grants transfer --from OLD --to NEW
              lakebase grants transfer --from OLD --to NEW --schema app --yes

            Exit status: 0 if the objects were transferred, or would be; 1 on failure, in which case nothing is \
            changed; 64 when the command line is wrong.
            """
    )

    @Option(help: ArgumentHelp("The current owner.", valueName: "role"))
    var from: String

    @Option(help: ArgumentHelp("The new owner.", valueName: "role"))
    var to: String

    @Option(help: ArgumentHelp("Transfer only this schema and its objects; default: everything.", valueName: "name"))
    var schema: String?

    @Flag(help: "Make the changes.")
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

/// The output of `lakebase grants orphans`.
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
        return text.isEmpty ? "No orphaned roles were found." : text.joined(separator: "\n")
    }
}
