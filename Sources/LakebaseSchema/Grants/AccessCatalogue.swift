//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

/// Reads how a role comes to the objects of a set of grants.
enum AccessCatalogue {
    static func read(_ set: GrantSet, on connection: PQConnection) async throws -> AccessFacts {
        let version = await connection.serverVersion
        let entries = try await connection.query(Self.entries(set, version))
            .decode((String, String, Bool, [String], String).self)
        let memberships = try await connection.query(Self.memberships(set, version))
            .decode((String, String, Int64).self)
        let isSuperuser = try await connection.query(
            "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = \(set.role)"
        ).decode(Bool.self).first
        let own = try await HoldingsCatalogue.read([set.role], withPublicDefaults: true, on: connection)
        return AccessFacts(
            entries: entries.compactMap { kind, identity, isPublic, privileges, grantor in
                Privilege.Kind(rawValue: kind).map {
                    AccessFacts.Entry(
                        kind: $0, identity: identity, isPublic: isPublic,
                        privileges: GrantCatalogue.privileges(privileges), grantor: grantor)
                }
            },
            memberships: memberships.map { role, grantor, objects in
                AccessFacts.Membership(role: role, grantor: grantor, objects: Int(clamping: objects))
            }, isSuperuser: isSuperuser ?? false, holdings: own)
    }

    /// What the role itself and everybody were given, on objects and on their columns.
    ///
    /// An owner's own entry is none.
    private static func entries(_ set: GrantSet, _ version: Int) -> PQQuery {
        """
        WITH given AS (SELECT \(set.role)::text AS role, \(set.database)::text AS database, \(set.schema)::text AS schema),
        \(unescaped: GrantCatalogue.objects(version)),
        lists AS (
            SELECT kind, identity, owner, acl FROM objects
            UNION ALL
            SELECT kind, identity, owner, attacl
            FROM objects JOIN pg_catalog.pg_attribute c ON kind = 'table' AND attrelid = objects.id
            WHERE NOT attisdropped AND attacl IS NOT NULL
        )
        SELECT kind, identity, item.grantee = 0, array_agg(DISTINCT item.privilege_type ORDER BY item.privilege_type),
            pg_get_userbyid(item.grantor)::text
        FROM lists CROSS JOIN who CROSS JOIN LATERAL aclexplode(acl) AS item
        WHERE item.grantee = 0 OR (item.grantee = who.id AND lists.owner <> who.id)
        GROUP BY kind, identity, item.grantee, item.grantor ORDER BY 1, 2, 3, 5
        """
    }

    /// The memberships of the role, and how many of the objects each lets it reach.
    ///
    /// Counted is what the other role, or one that it is a member of, may do beyond what everybody may. A role that can be become counts like one
    /// whose privileges are inherited.
    private static func memberships(_ set: GrantSet, _ version: Int) -> PQQuery {
        """
        WITH given AS (SELECT \(set.role)::text AS role, \(set.database)::text AS database, \(set.schema)::text AS schema),
        \(unescaped: GrantCatalogue.objects(version)),
        links AS (
            SELECT link.roleid AS id, string_agg(DISTINCT pg_get_userbyid(link.grantor)::text, ', ') AS grantors
            FROM pg_catalog.pg_auth_members link JOIN who ON link.member = who.id GROUP BY 1
        ),
        above AS (
            SELECT links.id AS link, role.oid AS id FROM links
            JOIN pg_catalog.pg_roles role ON role.oid = links.id OR pg_has_role(links.id, role.oid, 'MEMBER')
        )
        SELECT pg_get_userbyid(links.id)::text, links.grantors,
            (SELECT count(*) FROM objects AS object WHERE EXISTS (
                SELECT FROM above CROSS JOIN LATERAL unnest(object.privileges) AS p
                WHERE above.link = links.id AND \(unescaped: GrantCatalogue.allowed("above.id"))
                AND NOT \(unescaped: GrantCatalogue.allowed("0::oid"))))
        FROM links ORDER BY 1
        """
    }
}
