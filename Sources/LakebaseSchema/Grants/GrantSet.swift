//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// The privileges of a role in a schema, on existing objects and on those that other roles will create there.
public struct GrantSet: Sendable, Hashable {
    /// Common sets of privileges.
    public enum Preset: String, Sendable, Hashable, CaseIterable {
        /// Reads and writes rows, uses sequences, calls functions.
        case app
        /// Reads.
        case readonly
        /// Creates and changes objects, also in schemas of its own.
        case migrator
        /// Everything in the schema, as the guide of Databricks grants it to developers of a deployed app.
        case developer
    }

    /// The role that gets the privileges.
    public var role: String
    /// The database; always the connected one, since privileges in others cannot be read.
    public var database: String
    /// The schema.
    public var schema: String
    /// The privileges, by kind of object: on the database, the schema, and every object in it.
    public var privileges: [Privilege.Kind: Set<Privilege>]
    /// The only objects to grant on, by kind: their names, not quoted and without schema; a routine's name means all routines with that name.
    ///
    /// A kind that is left out means every object of the kind. A kind that is listed grants nothing on future objects.
    public var only: [Privilege.Kind: Set<String>]
    /// The roles that will create objects in the schema, on which the same privileges are granted.
    ///
    /// PostgreSQL keeps default privileges for each creating role: there are none for "any role".
    public var creators: [String]

    /// A set from its parts.
    public init(
        role: String, database: String, schema: String, privileges: [Privilege.Kind: Set<Privilege>],
        only: [Privilege.Kind: Set<String>] = [:], creators: [String] = []
    ) {
        self.only = only
        self.role = role
        self.database = database
        self.schema = schema
        self.privileges = privileges
        self.creators = creators
    }

    /// A common set of privileges.
    public init(_ preset: Preset, role: String, database: String, schema: String, creators: [String] = []) {
        self.init(
            role: role, database: database, schema: schema, privileges: preset.privileges, creators: creators)
    }
}

extension GrantSet.Preset {
    /// The privileges, by kind of object.
    public var privileges: [Privilege.Kind: Set<Privilege>] {
        switch self {
        case .app:
            [
                .database: [.connect], .schema: [.usage], .table: [.select, .insert, .update, .delete],
                .sequence: [.usage, .select], .routine: [.execute],
            ]
        case .readonly: [.database: [.connect], .schema: [.usage], .table: [.select], .sequence: [.select]]
        case .migrator:
            [
                .database: [.connect, .create], .schema: [.usage, .create], .table: Privilege.Kind.table.all,
                .sequence: Privilege.Kind.sequence.all, .routine: Privilege.Kind.routine.all,
            ]
        case .developer:
            [
                .database: [.connect], .schema: Privilege.Kind.schema.all, .table: Privilege.Kind.table.all,
                .sequence: Privilege.Kind.sequence.all, .routine: Privilege.Kind.routine.all,
            ]
        }
    }
}

extension GrantSet {
    /// What is to be given on an object.
    ///
    /// On one that is not the user's own, as the member of an extension, it is what can be given, unless the set names the object.
    func wanted(on object: GrantFacts.Object, _ facts: GrantFacts) -> Set<Privilege> {
        let all = self.meant(on: object, facts)
        return object.reserved == nil || self.only[object.kind] != nil ? all : all.intersection(object.grantable)
    }

    /// What the role has not, and nobody can be asked to give.
    func leftOut(on object: GrantFacts.Object, _ facts: GrantFacts) -> Set<Privilege> {
        self.meant(on: object, facts).subtracting(self.wanted(on: object, facts)).subtracting(object.effective)
    }

    private func meant(on object: GrantFacts.Object, _ facts: GrantFacts) -> Set<Privilege> {
        if let only = self.only[object.kind], !only.contains(where: { $0.isExactly(object.name) }) { return [] }
        return self.known(object.kind, facts)
    }

    /// What is wanted on objects of a kind that will be made.
    func wantedByDefault(_ kind: Privilege.Kind, _ facts: GrantFacts) -> Set<Privilege> {
        self.only[kind] == nil ? self.known(kind, facts) : []
    }

    /// What the server is too old for, nobody can have.
    private func known(_ kind: Privilege.Kind, _ facts: GrantFacts) -> Set<Privilege> {
        (self.privileges[kind] ?? []).filter { $0.sinceServerVersion <= facts.serverVersion }
    }
}
