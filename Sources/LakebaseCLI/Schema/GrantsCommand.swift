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
              app        read and write rows, use sequences, call functions
              readonly   read rows
              migrator   create and alter objects, also in schemas of its own
              developer  all privileges in the schema, beside the app that owns it

            EXPLICIT GRANTS
              --on KIND:PRIVILEGES  KIND is database, schema, table, sequence or routine; PRIVILEGES are SQL's, \
            separated by commas, or all: --on schema:usage,create --on table:select
              --only KIND:NAME      only this table, sequence or routine of its kind

            Objects that are created later get the same privileges if the role that creates them is named with \
            --creator, once for each role: PostgreSQL keeps default privileges by the creating role.

            The database is that of the environment, unless --endpoint, --branch or --instance names another. The \
            role that runs this command must own the objects, or have their privileges with grant option. PostgreSQL \
            accepts a GRANT from any other role without effect, so the granted privileges are verified, and all \
            changes are rolled back if one is missing. Objects of extensions, of PostgreSQL and of the platform that \
            the role may not grant are left out, with a note.
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
        abstract: "Print the statements that apply would run.",
        discussion: """
            Changes nothing.

            EXAMPLES
              lakebase grants plan --preset app --schema app --creator me@example.com 6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10

            Exit status: 0, or 1 if the connection failed, or a role or the schema does not exist.
            """
    )

    @OptionGroup var options: GrantOptions

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var role: CreateRoleOption

    func validate() throws { try self.options.requirePrivileges() }

    func run() async throws {
        try await self.options.run(on: self.connection.database) { grants, set in
            GrantOptions.tell(
                try await grants.plan(set, creatingRole: self.role.createRole),
                nothing: "Nothing to do: the role has all privileges.")
        }
    }
}

/// `lakebase grants apply`.
struct GrantsApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Grant missing privileges in one transaction, and verify them.",
        discussion: """
            EXAMPLES
              lakebase grants apply --preset developer --schema app --creator app_owner me@example.com
              lakebase grants apply --preset readonly --schema app --create-role group 'Data Team'
              lakebase grants apply --on schema:usage --on table:select --only table:notes --schema app reporting

            Exit status: 0 if the role has all privileges; 1 on failure, in which case nothing is changed.
            """
    )

    @OptionGroup var options: GrantOptions

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var role: CreateRoleOption

    func validate() throws { try self.options.requirePrivileges() }

    func run() async throws {
        try await self.options.run(on: self.connection.database, changes: true) { grants, set in
            GrantOptions.tell(
                try await grants.apply(set, creatingRole: self.role.createRole),
                nothing: "Nothing to do: the role has all privileges.")
        }
    }
}

/// `lakebase grants verify`.
struct GrantsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that a role has the given privileges.",
        discussion: """
            Changes nothing.

            EXAMPLES
              lakebase grants verify --preset readonly --schema app reporting
              lakebase grants verify --on table:select,insert --only table:notes --schema app reporting

            Exit status: 0 if the role has all privileges; 1 otherwise, with each missing privilege on a line.
            """
    )

    @OptionGroup var options: GrantOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws { try self.options.requirePrivileges() }

    func run() async throws {
        try await self.options.run(on: self.connection.database) { grants, set in
            let missing = try await grants.verify(set)
            for note in try await grants.leftOut(set) { Terminal.note(note) }
            for line in missing { Terminal.output(line) }
            guard missing.isEmpty else {
                throw CommandError("the role \(set.role) lacks privileges")
            }
        }
    }
}

/// `lakebase grants revoke`.
struct GrantsRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke all privileges of a role in a schema and on the database.",
        discussion: """
            Revokes all privileges that were granted to the role itself: also on single columns, and default \
            privileges in the schema for objects of any creator. Then prints every other way in which the role still \
            has access, with the statement that removes it and the role that may run it: privileges of PUBLIC, \
            membership in another role, ownership, and default privileges of creators of which the current role is \
            no member, or that apply to every schema.

            EXAMPLES
              lakebase grants revoke --schema app reporting
              lakebase grants revoke --schema app --branch preview me@example.com

            Exit status: 0 if no privilege of the role itself is left; 1 if one is left, or on failure, in which \
            case nothing is changed.
            """
    )

    @OptionGroup var options: GrantOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await self.options.run(on: self.connection.database, changes: true) { grants, set in
            let plan = try await grants.revoke(set)
            GrantOptions.tell(plan, nothing: "Nothing to revoke.")
            guard !plan.left.contains(where: { $0.way == .direct }) else {
                throw CommandError("privileges of the role \(set.role) are left")
            }
        }
    }
}
