//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// Settings are missing, wrong or contradict each other.
    public static let configurationInvalid = LakebaseProblem(
        "LB101", "the configuration cannot work",
        cause: "Settings are missing, wrong or contradict each other. The error has a line for each, with its fix.",
        remedy: "Change the settings that the error names, all at once.",
        command: "lakebase auth describe")

    /// Nothing says where the database is, and there is none on this machine.
    public static let nothingConfigured = LakebaseProblem(
        "LB102", "nothing is configured, and this machine refuses the connection",
        cause: "Neither PGHOST nor an endpoint, instance or DATABASE_URL is set, so the PostgreSQL of this machine was "
            + "tried, and none answers.",
        remedy: "On Databricks Apps attach the database to the app as a resource. Elsewhere set LAKEBASE_ENDPOINT and "
            + "DATABRICKS_HOST, or start a local Lakebase.",
        command: "lakebase dev -- PROGRAM")

    /// A configuration made in code names neither an endpoint nor a host.
    public static let targetUnnamed = LakebaseProblem(
        "LB103", "neither an endpoint nor a host is configured",
        cause: "A configuration made in code leaves both open, so that nothing can be looked up.",
        remedy: "Give one of them in LakebaseConfiguration.target.")

    /// The workspace knows no endpoint or instance of that name.
    public static let targetMissing = LakebaseProblem(
        "LB104", "the endpoint or instance does not exist",
        cause: "The workspace knows nothing of that name: it is misspelled, was deleted, or is in another workspace.",
        remedy: "Correct LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE, or DATABRICKS_HOST.",
        command: "databricks api get /api/2.0/postgres/ENDPOINT")

    /// An endpoint that is being set up has no host yet.
    public static let hostNotAssigned = LakebaseProblem(
        "LB105", "the endpoint or instance has no host yet",
        cause: "It is still being made.",
        remedy: "Wait until it is set up.",
        command: "databricks api get /api/2.0/postgres/ENDPOINT")

    /// The host is none of those that the workspace reports for the target, so no token was sent.
    public static let hostDiffersFromTarget = LakebaseProblem(
        "LB106", "the host is not one of the endpoint or instance",
        cause:
            "PGHOST and LAKEBASE_ENDPOINT (or LAKEBASE_INSTANCE) are from different places. The credential was not sent.",
        remedy: "Leave PGHOST unset to have the host looked up. For a tunnel or a private name set LAKEBASE_PG_HOST.",
        command: "unset PGHOST")

    /// No endpoint or instance of the workspace has the host.
    public static let hostUnknown = LakebaseProblem(
        "LB107", "nothing in this workspace has the host",
        cause: "The host belongs to another workspace, or this identity does not see the project it is in.",
        remedy: "Set LAKEBASE_ENDPOINT (or LAKEBASE_INSTANCE), or correct DATABRICKS_HOST.",
        command: "databricks api get /api/2.0/postgres/projects")

    /// The workspace does not name the identity of its token.
    public static let identityUnnamed = LakebaseProblem(
        "LB108", "the workspace does not say whose token it is",
        cause: "The user name is taken from the identity that owns the token, and the answer has none.",
        remedy: "Set PGUSER to the e-mail address of the user or the client id of the service principal.",
        command: "lakebase auth describe")

    static let ofConfiguration: [LakebaseProblem] = [
        .configurationInvalid, .nothingConfigured, .targetUnnamed, .targetMissing, .hostNotAssigned,
        .hostDiffersFromTarget,
        .hostUnknown, .identityUnnamed,
    ]
}
