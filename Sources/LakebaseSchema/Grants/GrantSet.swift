//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What a role is to be allowed in a schema: now, and on what others will make there.
public struct GrantSet: Sendable, Hashable {
    /// Sets that many programs want.
    public enum Preset: String, Sendable, Hashable, CaseIterable {
        /// Reads and writes rows, draws numbers, calls functions.
        case app
        /// Reads.
        case readonly
        /// Makes and changes objects, also in schemas of its own.
        case migrator
        /// Everything in the schema, as the guide of Databricks gives it to people who develop beside a deployed app.
        case developer
    }

    /// The role that is to get it.
    public var role: String
    /// The database; the one that is connected to, since privileges of others cannot be seen.
    public var database: String
    /// The schema.
    public var schema: String
    /// What is wanted, by kind of object: on the database, the schema, and every object in it.
    public var privileges: [Privilege.Kind: Set<Privilege>]
    /// The roles that will make objects in the schema; what they make gets the same privileges.
    ///
    /// PostgreSQL keeps default privileges for each creating role: there are none for "whoever".
    public var creators: [String]

    /// A set from its parts.
    public init(
        role: String, database: String, schema: String, privileges: [Privilege.Kind: Set<Privilege>],
        creators: [String] = []
    ) {
        self.role = role
        self.database = database
        self.schema = schema
        self.privileges = privileges
        self.creators = creators
    }

    /// A set that many programs want.
    public init(_ preset: Preset, role: String, database: String, schema: String, creators: [String] = []) {
        self.init(
            role: role, database: database, schema: schema, privileges: preset.privileges, creators: creators)
    }
}

extension GrantSet.Preset {
    /// What is in it.
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
