//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// The statements that give one role's objects to another, decided without a database.
public struct TransferPlan: Sendable, Hashable {
    /// The owner.
    public let from: String
    /// The new owner.
    public let to: String
    /// The schema; nil for everything in the database, and the databases themselves.
    public let schema: String?
    /// The objects that get the new owner.
    public let objects: [RoleHoldings.Object]
    /// The statements, in order; none when there is nothing to transfer.
    public let statements: [String]
    /// What stays with the old role, one line each, with what to do about it.
    public let left: [String]

    /// Decides.
    ///
    /// Everything moves with `REASSIGN OWNED`. What is in one schema moves object by object, the schema itself first.
    ///
    /// - Throws: ``RoleError``: `invalid`, `unknownRole`, `notAllowed` when the current user cannot become a member of one of the roles.
    public init(from: String, to: String, schema: String? = nil, holdings: RoleHoldings) throws(RoleError) {
        guard !from.isExactly(to) else {
            throw RoleError(.invalid, "\(from) cannot give anything to itself", remedy: "name two roles")
        }
        let unknown = [from, to].filter { holdings[role: $0] == nil }
        guard unknown.isEmpty else {
            throw RoleError(
                .unknownRole,
                "there is no role \(unknown.joined(separator: ", "))")
        }
        for name in [from, to] where holdings[role: name]?.isSystem == true {
            throw RoleError(
                .invalid, "the role \(name) belongs to PostgreSQL or the platform, and so does what it owns",
                remedy: "name roles of your own", command: "lakebase roles list")
        }
        let owned = holdings.owned.filter { $0.role.isExactly(from) }
        let wanted = schema.map { schema in owned.filter { $0.schema?.isExactly(schema) == true } } ?? owned
        let (movable, stuck) = Self.divide(wanted, isWhole: schema == nil)
        self.from = from
        self.to = to
        self.schema = schema
        self.objects = movable
        self.left = Self.left(from, schema, stuck, holdings)
        guard !movable.isEmpty else {
            self.statements = []
            return
        }
        let membership = try Membership(of: [from, to], in: holdings)
        let heir = PQQuery.quoteIdentifier(to)
        // The new owner of a table has to have CREATE on its schema, which it has from owning that: so schemas come first.
        let moves =
            schema == nil
            ? Self.alter(movable.filter { $0.type == "schema" }, heir)
                + ["REASSIGN OWNED BY \(PQQuery.quoteIdentifier(from)) TO \(heir)"]
            : Self.alter(movable.filter { $0.type == "schema" } + movable.filter { $0.type != "schema" }, heir)
        self.statements = membership.take + moves + membership.giveBack()
    }

    private static func alter(_ objects: [RoleHoldings.Object], _ heir: String) -> [String] {
        objects.compactMap { object in
            guard !object.follows, let keyword = ObjectType.ownerKeyword(object.type) else { return nil }
            return "ALTER \(keyword) \(object.identity) OWNER TO \(heir)"
        }
    }

    /// Returns the objects that do not have the new owner when the catalogue is read again; empty on success.
    public func missing(_ holdings: RoleHoldings) -> [String] {
        let now = Set(holdings.owned.filter { $0.role.isExactly(self.to) }.map { ExactText($0.words) })
        return self.objects.map(\.words).filter { !now.contains(ExactText($0)) }
    }

    // MARK: Details

    private static func divide(
        _ objects: [RoleHoldings.Object], isWhole: Bool
    ) -> (movable: [RoleHoldings.Object], stuck: [RoleHoldings.Object]) {
        var (movable, stuck): ([RoleHoldings.Object], [RoleHoldings.Object]) = ([], [])
        for object in objects {
            // REASSIGN OWNED moves extensions, which ALTER cannot, and leaves a user's mapping to a foreign server.
            let moves = isWhole ? object.type != "user mapping" : ObjectType.ownerKeyword(object.type) != nil
            if moves { movable.append(object) } else { stuck.append(object) }
        }
        return (movable, stuck)
    }

    private static func left(
        _ from: String, _ schema: String?, _ stuck: [RoleHoldings.Object], _ holdings: RoleHoldings
    ) -> [String] {
        var lines = stuck.map { "\($0.words): its owner cannot be changed by itself" }
        for other in holdings.elsewhere where other.role.isExactly(from) && other.owned > 0 && schema == nil {
            lines.append(
                "\(other.owned) objects in the database \(other.database): connect to it and transfer them there")
        }
        for entry in holdings.defaults where entry.creator.isExactly(from) {
            if let schema, entry.schema?.isExactly(schema) != true { continue }
            lines.append("\(entry.words): give the new owner its own with lakebase grants apply --creator")
        }
        return lines
    }
}
