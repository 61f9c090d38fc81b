//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase grants`.
struct GrantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grants",
        abstract: "Grant, verify and revoke privileges in a schema, and transfer ownership.",
        discussion: """
            PRESETS
              app        reads and writes rows, draws numbers from sequences, calls functions
              readonly   reads
              migrator   makes and changes objects, also in schemas of its own
              developer  everything in the schema, beside an app that owns it

            EXPLICIT GRANTS
              --on KIND:PRIVILEGES  KIND is database, schema, table, sequence or routine; PRIVILEGES are SQL's, with commas, or
                                    all: --on schema:usage,create --on table:select
              --only KIND:NAME      this table, sequence or routine and no other of its kind

            Objects that are made later get the same if their maker is named with --creator, once for each: PostgreSQL keeps \
            default privileges by the role that makes something.

            The database is that of the environment, unless --endpoint, --branch or --instance names another. The role that runs this has to own the objects, or to have their privileges \
            with grant option. PostgreSQL says yes to a GRANT of others and does nothing, so what was given is looked up, and \
            everything is taken back if it is not there. What belongs to an extension, to PostgreSQL or to the platform is left out, \
            with a note, where the one who runs this may not give it.
            """,
        subcommands: [
            GrantsPlanCommand.self, GrantsApplyCommand.self, GrantsVerifyCommand.self, GrantsRevokeCommand.self,
            GrantsOrphansCommand.self, GrantsTransferCommand.self,
        ]
    )
}

/// `lakebase grants plan`.
struct GrantsPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what apply would say. Changes nothing.",
        discussion: """
            EXAMPLES
              lakebase grants plan --preset app --schema app --creator me@example.com 6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10

            Exit status: 0, or 1 when the database cannot be asked or a role or the schema is not there.
            """
    )

    @OptionGroup var options: GrantOptions

    @OptionGroup var role: CreateRoleOption

    func validate() throws { try self.options.requirePrivileges() }

    func run() async throws {
        try await self.options.run { grants, set in
            GrantOptions.tell(
                try await grants.plan(set, creatingRole: self.role.createRole),
                nothing: "Nothing to do: it is all there.")
        }
    }
}

/// `lakebase grants apply`.
struct GrantsApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Give what is missing, in one transaction, and look whether it is there.",
        discussion: """
            EXAMPLES
              lakebase grants apply --preset developer --schema app --creator app_owner me@example.com
              lakebase grants apply --preset readonly --schema app --create-role group 'Data Team'
              lakebase grants apply --on schema:usage --on table:select --only table:notes --schema app reporting

            Exit status: 0 when the role has everything; 1 when something failed, in which case nothing is changed.
            """
    )

    @OptionGroup var options: GrantOptions

    @OptionGroup var role: CreateRoleOption

    func validate() throws { try self.options.requirePrivileges() }

    func run() async throws {
        try await self.options.run(changes: true) { grants, set in
            GrantOptions.tell(
                try await grants.apply(set, creatingRole: self.role.createRole),
                nothing: "Nothing to do: it is all there.")
        }
    }
}

/// `lakebase grants verify`.
struct GrantsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Look whether a role may really do what it is to. Changes nothing.",
        discussion: """
            EXAMPLES
              lakebase grants verify --preset readonly --schema app reporting
              lakebase grants verify --on table:select,insert --only table:notes --schema app reporting

            Exit status: 0 when it may; 1 otherwise, with what it may not, one line each.
            """
    )

    @OptionGroup var options: GrantOptions

    func validate() throws { try self.options.requirePrivileges() }

    func run() async throws {
        try await self.options.run { grants, set in
            let missing = try await grants.verify(set)
            for note in try await grants.leftOut(set) { Terminal.note(note) }
            for line in missing { Terminal.output(line) }
            guard missing.isEmpty else {
                throw CommandError("the role \(set.role) has not everything")
            }
        }
    }
}

/// `lakebase grants revoke`.
struct GrantsRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take back everything that was given to a role in a schema and on the database.",
        discussion: """
            All is taken back that was given to the role itself: also on single columns, and by default privileges in the schema, of any \
            creator. By which other ways the role still has something is printed, each with what takes it away and who may \
            run that: as everybody (PUBLIC), as member of another role, as owner, and by default privileges of creators that the one \
            who works is no member of, or that count for every schema.

            EXAMPLES
              lakebase grants revoke --schema app reporting
              lakebase grants revoke --schema app --branch preview me@example.com

            Exit status: 0 when nothing that names the role is left; 1 when something is, or when something failed, in which case \
            nothing is changed.
            """
    )

    @OptionGroup var options: GrantOptions

    func run() async throws {
        try await self.options.run(changes: true) { grants, set in
            let plan = try await grants.revoke(set)
            GrantOptions.tell(plan, nothing: "Nothing to take back.")
            guard !plan.left.contains(where: { $0.way == .direct }) else {
                throw CommandError("something that names the role \(set.role) is left")
            }
        }
    }
}
