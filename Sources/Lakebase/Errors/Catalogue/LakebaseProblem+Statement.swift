//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The role may not do what the statement does, and more is not known.
    public static let permissionDenied = LakebaseProblem(
        "LB601", "permission denied",
        cause:
            "The role lacks a privilege for the statement (SQLSTATE 42501). Which one tells LakebaseClient.explain(_:), "
            + "which asks the database.",
        remedy: "Have the owner of the object grant the privilege.",
        command: "GRANT PRIVILEGE ON OBJECT TO \"USER\";")

    /// A privilege on a table or view is missing.
    public static let tablePrivilegeMissing = LakebaseProblem(
        "LB602", "a privilege on a table is missing",
        cause: "Another role owns the table, and has not granted what the statement needs.",
        remedy: "Have the owner grant it, and the same by ALTER DEFAULT PRIVILEGES for tables to come.",
        command: "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"SCHEMA\" TO \"USER\";")

    /// A privilege on a sequence is missing.
    public static let sequencePrivilegeMissing = LakebaseProblem(
        "LB603", "a privilege on a sequence is missing",
        cause: "A column takes its default from the sequence, and a grant on the table does not include it.",
        remedy: "Have the sequence's owner grant USAGE. Identity columns need no such grant.",
        command: "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"SCHEMA\" TO \"USER\";")

    /// A privilege on a schema is missing.
    public static let schemaPrivilegeMissing = LakebaseProblem(
        "LB604", "a privilege on a schema is missing",
        cause:
            "Without USAGE the names in a schema are as if they were not there; without CREATE nothing can be made in it.",
        remedy: "Have the schema's owner grant it, or use a schema of your own.",
        command: "GRANT USAGE ON SCHEMA \"SCHEMA\" TO \"USER\";")

    /// A privilege on the database is missing.
    public static let databasePrivilegeMissing = LakebaseProblem(
        "LB605", "a privilege on the database is missing",
        cause: "Making a schema or extension needs CREATE on the database, a temporary table needs TEMPORARY.",
        remedy: "Have the database's owner grant it.",
        command: "GRANT CREATE ON DATABASE \"NAME\" TO \"USER\";")

    /// A function may not be called.
    public static let functionPrivilegeMissing = LakebaseProblem(
        "LB606", "a function may not be called",
        cause: "The role lacks EXECUTE on it.",
        remedy: "Have the function's owner grant it.",
        command: "GRANT EXECUTE ON FUNCTION NAME TO \"USER\";")

    /// Only the owner may do that.
    public static let notOwner = LakebaseProblem(
        "LB607", "only the owner may do that",
        cause: "Altering, dropping and granting are the owner's, and no privilege stands in for that.",
        remedy: "Have the owner do it, or make this role a member of the owner's role.",
        command: "ALTER TABLE \"NAME\" OWNER TO \"USER\";")

    /// A row-level security policy forbids the row.
    public static let rowSecurity = LakebaseProblem(
        "LB608", "a policy of row-level security forbids the row",
        cause: "The privileges are there, and no policy of the table lets this role write such a row.",
        remedy: "Set what the policies look at (withTransaction), or add a policy.",
        command: "SELECT * FROM pg_policies;")

    /// The table is not there.
    public static let relationMissing = LakebaseProblem(
        "LB609", "the table does not exist",
        cause: "No schema of this database has a table or view of that name.",
        remedy: "Run the migrations, or correct PGDATABASE.",
        command: "psql -c '\\dt *.*'")

    /// The table is in a schema that names are not looked up in.
    public static let relationOutsideSearchPath = LakebaseProblem(
        "LB610", "the table is in another schema",
        cause: "There is a table of that name, and the session's search_path does not lead to it.",
        remedy: "Set LAKEBASE_SCHEMA to the schema, or write it in front of the name.",
        command: "SHOW search_path;")

    /// The schema is not there.
    public static let schemaMissing = LakebaseProblem(
        "LB611", "the schema does not exist",
        cause: "It was never made in this database, or is misspelled.",
        remedy: "Make it, or correct LAKEBASE_SCHEMA.",
        command: "CREATE SCHEMA \"NAME\";")

    /// Nothing can be written here.
    public static let readOnly = LakebaseProblem(
        "LB612", "nothing can be written here",
        cause: "The transaction was begun read-only, or the endpoint is for reading.",
        remedy: "Use the endpoint for reading and writing, or leave readOnly out.",
        command: "SELECT pg_is_in_recovery(), current_setting('transaction_read_only');")

    /// The server cancelled the statement.
    public static let statementCancelled = LakebaseProblem(
        "LB613", "the server cancelled the statement",
        cause: "It ran for longer than statement_timeout allows, or another session called pg_cancel_backend.",
        remedy: "Make the statement faster, or raise statement_timeout.",
        command: "SHOW statement_timeout;")

    /// Another transaction came between.
    public static let transactionConflict = LakebaseProblem(
        "LB614", "another transaction came between",
        cause:
            "The server rolled the transaction back, because of a deadlock or because it could not be told in a row with others.",
        remedy: "Run the whole transaction again; nothing of it took effect.")

    /// A value is not of the type it is read as.
    public static let decodingFailed = LakebaseProblem(
        "LB615", "a value cannot be read as the wanted type",
        cause: "The column has another type or number than the program says, or is NULL and not read as an optional.",
        remedy: "Read it as the type that the error names, or cast it in the query.")

    /// The server refuses the statement for another reason.
    public static let statementRefused = LakebaseProblem(
        "LB616", "the server refuses the statement",
        cause: "The statement is wrong, or breaks a constraint. The server's message and SQLSTATE say which.",
        remedy: "Do what the server's message and hint say.")

    static let ofStatement: [LakebaseProblem] = [
        .permissionDenied, .tablePrivilegeMissing, .sequencePrivilegeMissing, .schemaPrivilegeMissing,
        .databasePrivilegeMissing, .functionPrivilegeMissing, .notOwner, .rowSecurity, .relationMissing,
        .relationOutsideSearchPath, .schemaMissing, .readOnly, .statementCancelled, .transactionConflict,
        .decodingFailed,
        .statementRefused,
    ]
}
