//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import LocalPostgres
import LocalWorkspace

extension ComputeAdministration {
    /// The roles of the server, without its own and the service's.
    func roles() async throws -> [ObservedRole] {
        let rows = try await self.rows(
            """
            SELECT role.rolname::text, role.rolcanlogin, role.rolcreatedb, role.rolcreaterole, role.rolbypassrls,
                coalesce((
                    SELECT upper(substr(marker.rolname, 21)) FROM pg_catalog.pg_auth_members AS link
                    JOIN pg_catalog.pg_roles AS marker ON marker.oid = link.roleid
                    JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = link.grantor
                    WHERE link.member = role.oid AND grantor.rolname = 'cloud_admin'
                      AND marker.rolname IN ('databricks_identity_user', 'databricks_identity_service_principal',
                        'databricks_identity_group')
                    ORDER BY 1 LIMIT 1
                ), ''),
                EXISTS (
                    SELECT FROM pg_catalog.pg_auth_members AS link
                    JOIN pg_catalog.pg_roles AS above ON above.oid = link.roleid
                    WHERE link.member = role.oid AND above.rolname = 'databricks_superuser'
                )
            FROM pg_catalog.pg_roles AS role
            WHERE NOT role.rolsuper AND role.rolname NOT LIKE 'pg\\_%' AND role.rolname NOT LIKE 'databricks\\_%'
            ORDER BY role.oid
            """
        )
        return try rows.decode((String, Bool, Bool, Bool, Bool, String, Bool).self).map { row in
            let identity = RoleRecord.Identity(rawValue: row.5)
            return ObservedRole(
                postgresRole: row.0, identity: identity,
                login: row.1 ? (identity == nil ? .password : .oauth) : .none, isSuperuser: row.6,
                createsDatabases: row.2, createsRoles: row.3, bypassesRowSecurity: row.4
            )
        }
    }
}
