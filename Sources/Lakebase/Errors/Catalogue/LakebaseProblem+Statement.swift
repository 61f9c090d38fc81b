//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The role lacks a privilege, and it is not known which.
    public static let permissionDenied = LakebaseProblem(
        "LB601", "permission denied",
        cause:
            "The role lacks a privilege that the statement needs (SQLSTATE 42501). "
            + "LakebaseClient.explain(_:) asks the database which one.",
        remedy: "Ask the owner of the object to grant the privilege.",
        command: "GRANT PRIVILEGE ON OBJECT TO \"USER\";")

    /// A privilege on a table or view is missing.
    public static let tablePrivilegeMissing = LakebaseProblem(
        "LB602", "a privilege on a table is missing",
        cause: "Another role owns the table and has not granted the privilege that the statement needs.",
        remedy: "Ask the owner to grant it, and to run ALTER DEFAULT PRIVILEGES for tables that are created later.",
        command: "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"SCHEMA\" TO \"USER\";")

    /// A privilege on a sequence is missing.
    public static let sequencePrivilegeMissing = LakebaseProblem(
        "LB603", "a privilege on a sequence is missing",
        cause: "A column takes its default from the sequence, and a grant on the table does not include the sequence.",
        remedy: "Ask the sequence's owner to grant USAGE. Identity columns need no such grant.",
        command: "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"SCHEMA\" TO \"USER\";")

    /// A privilege on a schema is missing.
    public static let schemaPrivilegeMissing = LakebaseProblem(
        "LB604", "a privilege on a schema is missing",
        cause:
            "Without USAGE on a schema, its objects seem not to exist. Without CREATE, no object can be "
            + "created in it.",
        remedy: "Ask the schema's owner to grant it, or use a schema of your own.",
        command: "GRANT USAGE ON SCHEMA \"SCHEMA\" TO \"USER\";")

    /// A privilege on the database is missing.
    public static let databasePrivilegeMissing = LakebaseProblem(
        "LB605", "a privilege on the database is missing",
        cause:
            "Creating a schema or extension needs CREATE on the database; creating a temporary table needs "
            + "TEMPORARY.",
        remedy: "Ask the database's owner to grant it.",
        command: "GRANT CREATE ON DATABASE \"NAME\" TO \"USER\";")

    /// The role may not call a function.
    public static let functionPrivilegeMissing = LakebaseProblem(
        "LB606", "the role may not call a function",
        cause: "The role lacks EXECUTE on the function.",
        remedy: "Ask the function's owner to grant it.",
        command: "GRANT EXECUTE ON FUNCTION NAME TO \"USER\";")

    /// Only the owner of the object may run the statement.
    public static let notOwner = LakebaseProblem(
        "LB607", "only the owner may do that",
        cause: "Only the owner of an object may alter, drop or grant it; no privilege replaces ownership.",
        remedy: "Ask the owner to do it, or make this role a member of the owner's role.",
        command: "ALTER TABLE \"NAME\" OWNER TO \"USER\";")

    /// A row-level security policy forbids the row.
    public static let rowSecurity = LakebaseProblem(
        "LB608", "a row-level security policy forbids the row",
        cause: "The role has the privileges, but no policy of the table lets it write such a row.",
        remedy: "Set the values that the policies read (withTransaction), or add a policy.",
        command: "SELECT * FROM pg_policies;")

    /// The table does not exist.
    public static let relationMissing = LakebaseProblem(
        "LB609", "the table does not exist",
        cause: "No schema of this database contains a table or view of that name.",
        remedy: "Run the migrations, or correct PGDATABASE.",
        command: "psql -c '\\dt *.*'")

    /// The table is in a schema that is not in the session's `search_path`.
    public static let relationElsewhere = LakebaseProblem(
        "LB610", "the table is in another schema",
        cause: "A table of that name exists in a schema that is not in the session's search_path.",
        remedy: "Set LAKEBASE_SCHEMA to the schema, or write the schema before the table's name.",
        command: "SHOW search_path;")

    /// The schema does not exist.
    public static let schemaMissing = LakebaseProblem(
        "LB611", "the schema does not exist",
        cause: "It was never created in this database, or its name is misspelled.",
        remedy: "Create it, or correct LAKEBASE_SCHEMA.",
        command: "CREATE SCHEMA \"NAME\";")

    /// The transaction or the endpoint is read-only.
    public static let readOnly = LakebaseProblem(
        "LB612", "the transaction or the endpoint is read-only",
        cause: "The transaction was started read-only, or the endpoint is a read-only endpoint.",
        remedy: "Use a read-write endpoint, or leave out readOnly.",
        command: "SELECT pg_is_in_recovery(), current_setting('transaction_read_only');")

    /// The server cancelled the statement.
    public static let statementCancelled = LakebaseProblem(
        "LB613", "the server cancelled the statement",
        cause: "It ran longer than statement_timeout allows, or another session called pg_cancel_backend.",
        remedy: "Make the statement faster, or raise statement_timeout.",
        command: "SHOW statement_timeout;")

    /// The transaction conflicted with another one and was rolled back.
    public static let transactionConflict = LakebaseProblem(
        "LB614", "the transaction conflicted with another one",
        cause: "The server rolled it back because of a deadlock or a serialization failure.",
        remedy: "Run the whole transaction again; none of it took effect.")

    /// A value cannot be decoded as the requested type.
    public static let decodingFailed = LakebaseProblem(
        "LB615", "a value cannot be decoded as the requested type",
        cause:
            "The column has another type or position than the program expects, or the value is NULL and is "
            + "not decoded as an optional.",
        remedy: "Decode it as the type that the error names, or cast it in the query.")

    /// The server refuses the statement for another reason.
    public static let statementRefused = LakebaseProblem(
        "LB616", "the server refuses the statement",
        cause: "The statement is invalid or violates a constraint. The server's message and SQLSTATE say which.",
        remedy: "Follow the server's message and hint.")

    static let ofStatement: [LakebaseProblem] = [
        .permissionDenied, .tablePrivilegeMissing, .sequencePrivilegeMissing, .schemaPrivilegeMissing,
        .databasePrivilegeMissing, .functionPrivilegeMissing, .notOwner, .rowSecurity, .relationMissing,
        .relationElsewhere, .schemaMissing, .readOnly, .statementCancelled, .transactionConflict, .decodingFailed,
        .statementRefused,
    ]
}
