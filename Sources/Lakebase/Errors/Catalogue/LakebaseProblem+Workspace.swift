//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// No answer came from the workspace.
    public static let workspaceUnreachable = LakebaseProblem(
        "LB201", "the workspace cannot be reached",
        cause:
            "No connection came about, or no answer came in time: DATABRICKS_HOST is wrong, or a network or proxy is in "
            + "the way.",
        remedy: "Check DATABRICKS_HOST, and HTTPS_PROXY where there is a proxy.",
        command: "lakebase auth token")

    /// The workspace does not accept the identity's proof.
    public static let workspaceUnauthenticated = LakebaseProblem(
        "LB202", "the workspace does not accept the sign-in",
        cause: "The personal access token, client secret or login is wrong, revoked or has ended.",
        remedy: "Sign in again, or replace the token or secret.",
        command: "lakebase auth login")

    /// The identity may not use the database or endpoint.
    public static let workspaceForbidden = LakebaseProblem(
        "LB203", "this identity may not use the database",
        cause: "The workspace knows the identity, which lacks permission on the project or instance.",
        remedy:
            "Ask a user who manages the project to give the identity permission on it; for an app, attach the database "
            + "as a resource.",
        command: "lakebase auth describe")

    /// The workspace failed, or had too much to do.
    public static let workspaceUnavailable = LakebaseProblem(
        "LB204", "the workspace does not serve the call",
        cause: "It answered that it is unavailable, overloaded or failed, also after repetitions.",
        remedy:
            "Nothing: it is tried again with pauses, and open connections go on working. If it lasts, give the error's "
            + "request id to the service's support.",
        command: "lakebase auth token")

    /// The workspace's answer makes no sense.
    public static let workspaceAnswerInvalid = LakebaseProblem(
        "LB205", "the workspace's answer makes no sense",
        cause:
            "DATABRICKS_HOST leads to something else, a proxy answers in its place, or this machine's clock is wrong, so "
            + "that a new credential seems to have ended.",
        remedy: "Check DATABRICKS_HOST and the clock.",
        command: "lakebase auth describe")

    /// A credential could not be renewed while the old one lives.
    public static let renewalFailed = LakebaseProblem(
        "LB206", "Token could not be renewed, the old one still lives",
        cause: "A warning in the log and no error: minting failed ahead of the old credential's end.",
        remedy:
            "Nothing, if it ends by itself. Otherwise what the warning names: the sign-in, the network or the workspace.",
        command: "lakebase auth token")

    static let ofWorkspace: [LakebaseProblem] = [
        .workspaceUnreachable, .workspaceUnauthenticated, .workspaceForbidden, .workspaceUnavailable,
        .workspaceAnswerInvalid, .renewalFailed,
    ]
}
