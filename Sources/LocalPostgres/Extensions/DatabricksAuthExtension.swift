//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation

/// The extension `databricks_auth`, in SQL.
///
/// The service's own marks an identity's role with a security label, which takes a provider written in C. Here the mark
/// is membership in a role of ours, granted by `cloud_admin`: it is visible from every database, is dropped with the
/// role, and only a superuser can create one with that grantor. (Before PostgreSQL 16 a role with CREATEROLE may grant
/// any membership, but not in another's name.)
package enum DatabricksAuthExtension {
    package static let version = "1.0"

    /// The role whose members are users.
    package static let userMarker = "databricks_identity_user"

    /// The roles whose members are identities, by kind.
    package static let markers = [
        ("user", Self.userMarker),
        ("service_principal", "databricks_identity_service_principal"),
        ("group", "databricks_identity_group"),
    ]

    /// A query for the identity type (lower case) of the role whose name is the parameter; no row if it is not linked.
    static let identityTypeOfRole = """
        SELECT pg_catalog.substr(marker.rolname::text, 21)
        FROM pg_catalog.pg_roles AS role
        JOIN pg_catalog.pg_auth_members AS link ON link.member = role.oid
        JOIN pg_catalog.pg_roles AS marker ON marker.oid = link.roleid
        JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = link.grantor AND grantor.rolname = 'cloud_admin'
        WHERE role.rolcanlogin
          AND marker.rolname IN ('databricks_identity_user', 'databricks_identity_service_principal',
            'databricks_identity_group')
          AND role.rolname =
        """

    /// The files of the extension, by name.
    static let files = [
        "databricks_auth.control": """
        comment = 'Postgres roles for Databricks identities'
        default_version = '\(version)'
        relocatable = false
        schema = public
        superuser = true
        trusted = true

        """,
        "databricks_auth--\(version).sql": Self.script,
    ]

    /// A fingerprint that changes with any of the files.
    static let fingerprint: String = {
        let text = Self.files.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined()
        return SHA256.hash(data: Data(text.utf8)).prefix(8).map { String($0, radix: 16) }.joined()
    }()

    private static let script = #"""
        -- The identities that have a role, in every database of the cluster.
        CREATE VIEW databricks_list_roles AS
        SELECT role.rolname::text AS role_name, pg_catalog.substr(marker.rolname::text, 21) AS identity_type
        FROM pg_catalog.pg_auth_members AS link
        JOIN pg_catalog.pg_roles AS role ON role.oid = link.member
        JOIN pg_catalog.pg_roles AS marker ON marker.oid = link.roleid
        JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = link.grantor AND grantor.rolname = 'cloud_admin'
        WHERE marker.rolname IN ('databricks_identity_user', 'databricks_identity_service_principal',
            'databricks_identity_group');

        GRANT SELECT ON databricks_list_roles TO PUBLIC;

        CREATE FUNCTION databricks_create_role(identity_name text, identity_type text) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        DECLARE
            kind text := lower(btrim(identity_type));
        BEGIN
            IF NOT EXISTS (
                SELECT FROM pg_catalog.pg_auth_members AS link
                JOIN pg_catalog.pg_roles AS marker ON marker.oid = link.roleid
                JOIN pg_catalog.pg_roles AS caller ON caller.oid = link.member
                JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = link.grantor AND grantor.rolname = 'cloud_admin'
                WHERE caller.rolname = session_user AND starts_with(marker.rolname, 'databricks_identity_')
            ) THEN
                RAISE EXCEPTION 'permission denied to create a role for a Databricks identity'
                    USING ERRCODE = 'insufficient_privilege',
                    DETAIL = format('Role %I is not a Databricks identity.', session_user),
                    HINT = 'Log in as a Databricks identity, with a database credential as password.';
            END IF;
            IF NOT (SELECT rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = session_user) THEN
                RAISE EXCEPTION 'permission denied to create role' USING ERRCODE = 'insufficient_privilege',
                    DETAIL = format('Role %I lacks CREATEROLE.', session_user);
            END IF;
            IF kind IS NULL OR kind NOT IN ('user', 'service_principal', 'group') THEN
                RAISE EXCEPTION 'invalid identity type: %', coalesce(quote_literal(identity_type), 'NULL')
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'Use USER, SERVICE_PRINCIPAL or GROUP.';
            END IF;
            IF coalesce(identity_name, '') = '' THEN
                RAISE EXCEPTION 'the identity name is empty' USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Use an e-mail address, an application id or the name of a group.';
            END IF;
            IF octet_length(identity_name) > 63 THEN
                RAISE EXCEPTION 'the identity name is too long for a role'
                    USING ERRCODE = 'invalid_parameter_value', DETAIL = 'Role names have at most 63 bytes.';
            END IF;
            EXECUTE format('CREATE ROLE %I LOGIN', identity_name);
            EXECUTE format('GRANT %I TO %I GRANTED BY cloud_admin', 'databricks_identity_' || kind, identity_name);
            -- Before 16 CREATEROLE alone administrates every role.
            IF current_setting('server_version_num')::int >= 160000 THEN
                EXECUTE format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', identity_name, session_user);
            END IF;
        END
        $function$;

        COMMENT ON FUNCTION databricks_create_role(text, text) IS
            'Creates a role that logs in with the credentials of a Databricks identity.';

        """#
}
