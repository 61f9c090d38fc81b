//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The configuration is invalid: settings are missing, wrong or contradict each other.
    public static let configurationInvalid = LakebaseProblem(
        "LB101", "the configuration is invalid",
        cause: "Settings are missing, invalid or contradict each other. The error lists each problem with its fix.",
        remedy: "Change the settings that the error names. It names all of them at once.",
        command: "lakebase auth describe")

    /// No database is configured, and no PostgreSQL server answers on this machine.
    public static let nothingConfigured = LakebaseProblem(
        "LB102", "no database is configured, and no PostgreSQL server answers on this machine",
        cause:
            "PGHOST, DATABASE_URL, the endpoint and the instance are all unset, so the client tried the "
            + "PostgreSQL server of this machine, and none answered.",
        remedy:
            "On Databricks Apps, attach the database to the app as a resource. Elsewhere, set "
            + "LAKEBASE_ENDPOINT and DATABRICKS_HOST, or start a local Lakebase.",
        command: "lakebase dev -- PROGRAM")

    /// A configuration created in code names neither an endpoint nor a host.
    public static let targetUnnamed = LakebaseProblem(
        "LB103", "neither an endpoint nor a host is configured",
        cause:
            "The configuration was created in code without an endpoint and without a host, so the client has "
            + "nothing to look up.",
        remedy: "Set one of them in LakebaseConfiguration.target.")

    /// The workspace has no endpoint or instance of that name.
    public static let targetMissing = LakebaseProblem(
        "LB104", "the endpoint or instance does not exist",
        cause:
            "The workspace has no endpoint or instance of that name: it is misspelled, was deleted, or is in "
            + "another workspace.",
        remedy: "Correct LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE, or DATABRICKS_HOST.",
        command: "databricks api get /api/2.0/postgres/ENDPOINT")

    /// The endpoint or instance is still being created and has no host yet.
    public static let hostNotAssigned = LakebaseProblem(
        "LB105", "the endpoint or instance has no host yet",
        cause: "It is still being created.",
        remedy: "Wait until it is ready.",
        command: "databricks api get /api/2.0/postgres/ENDPOINT")

    /// The host is none of those that the workspace reports for the target, so no token was sent.
    public static let hostNotOfTarget = LakebaseProblem(
        "LB106", "the host does not belong to the endpoint or instance",
        cause:
            "PGHOST is none of the hosts that the workspace reports for LAKEBASE_ENDPOINT (or "
            + "LAKEBASE_INSTANCE). The credential was not sent.",
        remedy:
            "Leave PGHOST unset to have the host looked up. For a tunnel or a private DNS name, set "
            + "LAKEBASE_PG_HOST.",
        command: "unset PGHOST")

    /// No endpoint or instance of the workspace has the host.
    public static let hostUnknown = LakebaseProblem(
        "LB107", "no endpoint or instance in this workspace has the host",
        cause: "The host belongs to another workspace, or this identity cannot see the project of the host.",
        remedy: "Set LAKEBASE_ENDPOINT (or LAKEBASE_INSTANCE), or correct DATABRICKS_HOST.",
        command: "databricks api get /api/2.0/postgres/projects")

    /// The workspace does not name the identity that owns the token.
    public static let identityUnnamed = LakebaseProblem(
        "LB108", "the workspace does not name the token's owner",
        cause:
            "The user name defaults to the identity that owns the token, and the workspace's answer does not "
            + "contain it.",
        remedy: "Set PGUSER to the e-mail address of the user or the client id of the service principal.",
        command: "lakebase auth describe")

    static let ofConfiguration: [LakebaseProblem] = [
        .configurationInvalid, .nothingConfigured, .targetUnnamed, .targetMissing, .hostNotAssigned, .hostNotOfTarget,
        .hostUnknown, .identityUnnamed,
    ]
}
