//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The credential had ended when it was used.
    public static let credentialExpired = LakebaseProblem(
        "LB301", "the credential had expired when it was used",
        cause:
            "Its expiry time (claim exp) has passed by this machine's clock or by that of the workspace that minted it.",
        remedy: "Set this machine's clock. A program that keeps tokens itself has to mint one for each login.",
        command: "timedatectl")

    /// The password is no database credential.
    public static let notACredential = LakebaseProblem(
        "LB302", "the password is not a database credential",
        cause:
            "It is no JWT, or a token for the workspace's HTTP services (\"Failed to decode token for role\"). Only a "
            + "credential minted for the endpoint or instance opens a database.",
        remedy:
            "Set LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE and leave PGPASSWORD and DATABASE_URL unset; a credential is then minted.",
        command: "databricks api post /api/2.0/postgres/credentials --json '{\"endpoint\": \"ENDPOINT\"}'")

    /// The user name is not the identity the credential belongs to.
    public static let usernameMismatch = LakebaseProblem(
        "LB303", "the user name is not the identity that owns the credential",
        cause: "A credential opens the database for its own identity, and PGUSER names another.",
        remedy: "Leave PGUSER unset, or set it to the identity.",
        command: "unset PGUSER")

    /// The host belongs to something other than what the credential is for.
    public static let hostBelongsToAnotherEndpoint = LakebaseProblem(
        "LB304", "the host is in another workspace, or not one of the endpoint",
        cause: "PGHOST is none of the hosts that the workspace reports for the endpoint or instance.",
        remedy: "Take host and endpoint from the same project, or leave PGHOST unset.",
        command: "databricks api get /api/2.0/postgres/ENDPOINT")

    /// There is no role of that name.
    public static let roleMissing = LakebaseProblem(
        "LB305", "there is no role for the identity",
        cause: "The credential is good, and the branch or instance has no role of that name.",
        remedy: "Have the project's owner make it. For an app, attach the database as a resource.",
        command: "SELECT databricks_create_role('USER', 'SERVICE_PRINCIPAL');")

    /// The role does not log in with a credential.
    public static let roleNotLinked = LakebaseProblem(
        "LB306", "the role is not linked to an identity",
        cause:
            "There is a role of that name, and it logs in with a password or not at all, such as one made by CREATE ROLE.",
        remedy: "Have the project's owner drop the role and make it again for the identity.",
        command: "SELECT databricks_create_role('USER', 'SERVICE_PRINCIPAL');")

    /// The role was made a moment ago.
    public static let roleJustCreated = LakebaseProblem(
        "LB307", "the role was made a moment ago",
        cause: "The role is there and linked to the identity, and the server may not know it yet.",
        remedy: "Try again in a minute.")

    /// The server refuses the credential and nothing shows why.
    public static let loginRefused = LakebaseProblem(
        "LB308", "the login was refused",
        cause: "The server refuses a credential minted anew, and nothing that could be asked shows why.",
        remedy: "Ask the project's owner whether the branch has a role for this identity, linked to it.",
        command: "databricks api get /api/2.0/postgres/BRANCH/roles")

    /// The user name or password of an ordinary PostgreSQL is wrong.
    public static let passwordRefused = LakebaseProblem(
        "LB309", "user name or password is wrong",
        cause:
            "The server does not let this user in with this password, from this machine or at all. Nothing is minted with a "
            + "DATABASE_URL or PGPASSWORD.",
        remedy:
            "Correct the user name and password. With a token in their place: unset them and set LAKEBASE_ENDPOINT, so "
            + "that a fresh one is minted for each login.",
        command: "psql \"$DATABASE_URL\" -c 'SELECT 1'")

    /// The server wants TLS.
    public static let tlsRequired = LakebaseProblem(
        "LB310", "the server wants TLS",
        cause: "The connection was to be made without TLS, and a credential is not accepted in the clear.",
        remedy: "Use LakebaseConfiguration.tls = .verifyFull, which is what it is by default.")

    /// There is no database of that name.
    public static let databaseMissing = LakebaseProblem(
        "LB311", "the database does not exist",
        cause: "The server has no database of that name. Each project begins with databricks_postgres.",
        remedy: "Correct PGDATABASE, or make the database.",
        command: "CREATE DATABASE \"NAME\";")

    /// The role may not connect to the database.
    public static let connectDenied = LakebaseProblem(
        "LB312", "the role may not connect to the database",
        cause: "The login is good, and the role lacks CONNECT on the database.",
        remedy: "Have the database's owner grant it.",
        command: "GRANT CONNECT ON DATABASE \"NAME\" TO \"USER\";")

    /// The identity that the platform forwards for a visitor cannot be believed.
    public static let visitorRejected = LakebaseProblem(
        "LB313", "a visitor's forwarded identity was refused",
        cause:
            "The request has no forwarded token, the workspace refuses the token, it has ended, or its owner is not whom the "
            + "forwarded e-mail address names.",
        remedy:
            "Answer with 401 and have the visitor sign in again. Without any token: turn on user authorization for the app."
    )

    static let ofLogin: [LakebaseProblem] = [
        .credentialExpired, .notACredential, .usernameMismatch, .hostBelongsToAnotherEndpoint, .roleMissing,
        .roleNotLinked,
        .roleJustCreated, .loginRefused, .passwordRefused, .tlsRequired, .databaseMissing, .connectDenied,
        .visitorRejected,
    ]
}
