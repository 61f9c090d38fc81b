//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
public import LakebaseSchema

/// The options that name a role and its privileges.
struct GrantOptions: ParsableArguments {
    @Argument(help: "The role: an e-mail address, an application id, or another name.")
    var role: String

    @Option(help: "A preset of privileges: app, readonly, migrator or developer.")
    var preset: GrantSet.Preset?

    @Option(
        help: ArgumentHelp(
            "Privileges on a kind of object, such as table:select,insert or schema:all; can be repeated, and combined with a "
                + "preset.", valueName: "kind:privileges"))
    var on: [GrantArgument] = []

    @Option(
        help: ArgumentHelp(
            "Only this object of its kind, such as table:notes; can be repeated.", valueName: "kind:name"))
    var only: [ObjectArgument] = []

    @Option(help: ArgumentHelp("The schema.", valueName: "name"))
    var schema: String

    @Option(
        help: ArgumentHelp(
            "A role that will create objects in the schema; can be repeated.", valueName: "role"))
    var creator: [String] = []

    func validate() throws {
        if ([self.role, self.schema] + self.creator).contains("") { throw ValidationError("a name is empty") }
    }

    /// Checks the options of commands that need privileges.
    func requirePrivileges() throws {
        if self.preset == nil, self.on.isEmpty {
            throw ValidationError("say which privileges the role gets: --preset or --on")
        }
        let kinds = Set(self.privileges.keys)
        for object in self.only where !kinds.contains(object.kind) {
            throw ValidationError(
                "--only \(object.kind.rawValue):\(object.name) needs privileges on a \(object.kind.rawValue)")
        }
    }

    private var privileges: [Privilege.Kind: Set<Privilege>] {
        self.on.reduce(into: self.preset?.privileges ?? [:]) { privileges, argument in
            privileges[argument.kind, default: []].formUnion(argument.privileges)
        }
    }

    /// Runs a body with the privileges that the options name, connected to a database.
    ///
    /// - Parameter changes: Whether the body changes something. The workspace and the database are then printed first.
    func run(
        on database: DatabaseChoice, changes: Bool = false,
        _ body: @Sendable @escaping (GrantManager, GrantSet) async throws -> Void
    ) async throws {
        try await database.withClient(changes: changes) { client, _ in
            let grants = GrantManager(client: client)
            let set = GrantSet(
                role: self.role, database: try await grants.database(), schema: self.schema,
                privileges: self.privileges,
                only: self.only.reduce(into: [:]) { $0[$1.kind, default: []].insert($1.name) }, creators: self.creator)
            try await body(grants, set)
        }
    }

    static func tell(_ plan: GrantPlan, nothing: String) {
        for statement in plan.script { Terminal.output(statement + ";") }
        if plan.script.isEmpty { Terminal.note(nothing) }
        for note in plan.notes { Terminal.note(note) }
        for access in plan.left { Terminal.note("left: \(access)") }
    }
}

/// The option that creates the role first.
struct CreateRoleOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Create the role first if it does not exist, for this kind of identity: user, service-principal or group.",
            valueName: "type"))
    var createRole: RoleIdentity?
}

extension GrantSet.Preset: ExpressibleByArgument {}

extension Privilege.Kind {
    /// The kind with this name, in singular or plural.
    init?(argument: String) {
        let word = argument.lowercased()
        switch word.hasSuffix("s") ? String(word.dropLast()) : word {
        case "database": self = .database
        case "schema": self = .schema
        case "table", "view": self = .table
        case "sequence": self = .sequence
        case "routine", "function", "procedure": self = .routine
        default: return nil
        }
    }
}

/// `table:select,insert` or `schema:all`.
struct GrantArgument: ExpressibleByArgument {
    var kind: Privilege.Kind
    var privileges: Set<Privilege>

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Privilege.Kind(argument: String(parts[0])) else { return nil }
        var privileges: Set<Privilege> = []
        for word in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            if word.lowercased() == "all" {
                privileges.formUnion(kind.all)
            } else {
                let name = word.lowercased() == "temp" ? "TEMPORARY" : word.uppercased()
                guard let privilege = Privilege(rawValue: name), kind.all.contains(privilege) else { return nil }
                privileges.insert(privilege)
            }
        }
        (self.kind, self.privileges) = (kind, privileges)
    }
}

/// `table:notes`; everything after the first colon is the name.
struct ObjectArgument: ExpressibleByArgument {
    var kind: Privilege.Kind
    var name: String

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, let kind = Privilege.Kind(argument: String(parts[0])) else {
            return nil
        }
        switch kind {
        case .database, .schema: return nil
        case .table, .sequence, .routine: (self.kind, self.name) = (kind, String(parts[1]))
        }
    }
}
