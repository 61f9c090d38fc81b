//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The credential had expired when it was used.
    public static let credentialExpired = LakebaseProblem(
        "LB301", "the credential had expired when it was used",
        cause:
            "Its expiry time (claim exp) has passed, by this machine's clock or by that of the workspace "
            + "that minted it.",
        remedy: "Correct this machine's clock. A program that stores tokens itself has to mint one for each login.",
        command: "timedatectl")

    /// The password is not a database credential.
    public static let notACredential = LakebaseProblem(
        "LB302", "the password is not a database credential",
        cause:
            "It is not a JWT, or it is a token for the workspace's HTTP services (\"Failed to decode token "
            + "for role\"). Only a credential minted for the endpoint or instance can log in to the database.",
        remedy:
            "Set LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE and leave PGPASSWORD and DATABASE_URL unset; a "
            + "credential is then minted.",
        command: "databricks api post /api/2.0/postgres/credentials --json '{\"endpoint\": \"ENDPOINT\"}'")

    /// The user name is not the identity that owns the credential.
    public static let usernameMismatch = LakebaseProblem(
        "LB303", "the user name is not the identity that owns the credential",
        cause: "A credential logs in only as its own identity, and PGUSER names another.",
        remedy: "Leave PGUSER unset, or set it to the identity.",
        command: "unset PGUSER")

    /// The host belongs to another workspace or to another endpoint than the credential.
    public static let hostBelongsToAnotherEndpoint = LakebaseProblem(
        "LB304", "the host is in another workspace or belongs to another endpoint",
        cause: "PGHOST is none of the hosts that the workspace reports for the endpoint or instance.",
        remedy: "Take host and endpoint from the same project, or leave PGHOST unset.",
        command: "databricks api get /api/2.0/postgres/ENDPOINT")

    /// There is no role for the identity.
    public static let roleMissing = LakebaseProblem(
        "LB305", "there is no role for the identity",
        cause: "The credential is valid, but the branch or instance has no role of that name.",
        remedy: "Ask the project's owner to create the role. For an app, attach the database as a resource.",
        command: "SELECT databricks_create_role('USER', 'SERVICE_PRINCIPAL');")

    /// The role is not linked to an identity, so it cannot log in with a credential.
    public static let roleNotLinked = LakebaseProblem(
        "LB306", "the role is not linked to an identity",
        cause:
            "The role exists, but logs in with a password or not at all, for example because CREATE ROLE "
            + "created it.",
        remedy: "Ask the project's owner to drop the role and create it again for the identity.",
        command: "SELECT databricks_create_role('USER', 'SERVICE_PRINCIPAL');")

    /// The role was created a moment ago, and the server may not know it yet.
    public static let roleJustCreated = LakebaseProblem(
        "LB307", "the role was created a moment ago",
        cause: "The role exists and is linked to the identity, but the server may not know it yet.",
        remedy: "Try again in a minute.")

    /// The server refuses the credential, and no evidence shows why.
    public static let loginRefused = LakebaseProblem(
        "LB308", "the login was refused",
        cause: "The server refuses a newly minted credential, and none of the checks shows why.",
        remedy: "Ask the project's owner whether the branch has a role that is linked to this identity.",
        command: "databricks api get /api/2.0/postgres/BRANCH/roles")

    /// The user name or password of an ordinary PostgreSQL is wrong.
    public static let passwordRefused = LakebaseProblem(
        "LB309", "the user name or password is wrong",
        cause:
            "The server rejects this user name with this password, or does not let this user in from this "
            + "machine. No credential is minted when DATABASE_URL or PGPASSWORD is set.",
        remedy:
            "Correct the user name and password. If the password is a token, unset both and set "
            + "LAKEBASE_ENDPOINT, so that a new token is minted for each login.",
        command: "psql \"$DATABASE_URL\" -c 'SELECT 1'")

    /// The server requires TLS.
    public static let tlsRequired = LakebaseProblem(
        "LB310", "the server requires TLS",
        cause:
            "The client is configured to connect without TLS, and the server accepts no credential over an "
            + "unencrypted connection.",
        remedy: "Use LakebaseConfiguration.tls = .verifyFull, the default.")

    /// The database does not exist.
    public static let databaseMissing = LakebaseProblem(
        "LB311", "the database does not exist",
        cause: "The server has no database of that name. Each project starts with databricks_postgres.",
        remedy: "Correct PGDATABASE, or create the database.",
        command: "CREATE DATABASE \"NAME\";")

    /// The role may not connect to the database.
    public static let connectDenied = LakebaseProblem(
        "LB312", "the role may not connect to the database",
        cause: "The login succeeded, but the role lacks CONNECT on the database.",
        remedy: "Ask the database's owner to grant it.",
        command: "GRANT CONNECT ON DATABASE \"NAME\" TO \"USER\";")

    /// The identity that the platform forwards for a visitor was rejected.
    public static let visitorRejected = LakebaseProblem(
        "LB313", "a visitor's forwarded identity was rejected",
        cause:
            "The request has no forwarded token, the workspace rejects the token, the token has expired, or "
            + "its owner is not the user that the forwarded e-mail address names.",
        remedy:
            "Answer with 401 and let the visitor sign in again. If no request has a token, turn on user "
            + "authorization for the app.")

    static let ofLogin: [LakebaseProblem] = [
        .credentialExpired, .notACredential, .usernameMismatch, .hostBelongsToAnotherEndpoint, .roleMissing,
        .roleNotLinked,
        .roleJustCreated, .loginRefused, .passwordRefused, .tlsRequired, .databaseMissing, .connectDenied,
        .visitorRejected,
    ]
}
