//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The workspace cannot be reached.
    public static let workspaceUnreachable = LakebaseProblem(
        "LB201", "the workspace cannot be reached",
        cause:
            "Could not connect, or no answer arrived in time: DATABRICKS_HOST is wrong, or a network or "
            + "proxy blocks the connection.",
        remedy: "Check DATABRICKS_HOST, and HTTPS_PROXY if you use a proxy.",
        command: "lakebase auth token")

    /// The workspace rejects the identity's token, secret or login.
    public static let workspaceUnauthenticated = LakebaseProblem(
        "LB202", "the workspace rejected the sign-in",
        cause: "The personal access token, client secret or OAuth login is wrong, revoked or expired.",
        remedy: "Sign in again, or replace the token or secret.",
        command: "lakebase auth login")

    /// The identity may not use the database or endpoint.
    public static let workspaceForbidden = LakebaseProblem(
        "LB203", "this identity may not use the database",
        cause: "The workspace knows the identity, but the identity lacks permission on the project or instance.",
        remedy:
            "Ask a user who manages the project to grant the identity permission on it; for an app, attach "
            + "the database as a resource.",
        command: "lakebase auth describe")

    /// The workspace failed or is overloaded.
    public static let workspaceUnavailable = LakebaseProblem(
        "LB204", "the workspace could not serve the request",
        cause:
            "It answered that it is unavailable or overloaded, or that it failed, also when the request was "
            + "repeated.",
        remedy:
            "Nothing to do: the request is retried with pauses, and open connections keep working. If it "
            + "lasts, give the error's request id to Databricks support.",
        command: "lakebase auth token")

    /// The workspace's answer is not valid.
    public static let workspaceAnswerInvalid = LakebaseProblem(
        "LB205", "the workspace's answer is not valid",
        cause:
            "DATABRICKS_HOST points to another service, a proxy answers in its place, or this machine's "
            + "clock is wrong, so that a new credential appears to have expired.",
        remedy: "Check DATABRICKS_HOST and the clock.",
        command: "lakebase auth describe")

    /// A credential could not be renewed, and the old one has not expired yet.
    public static let renewalFailed = LakebaseProblem(
        "LB206", "Token could not be renewed, the old one is still valid",
        cause:
            "This is a warning in the log, not an error: minting a new credential failed before the old one "
            + "expired.",
        remedy:
            "Nothing, if the warning does not come again. Otherwise fix what the warning names: the sign-in, "
            + "the network or the workspace.",
        command: "lakebase auth token")

    static let ofWorkspace: [LakebaseProblem] = [
        .workspaceUnreachable, .workspaceUnauthenticated, .workspaceForbidden, .workspaceUnavailable,
        .workspaceAnswerInvalid, .renewalFailed,
    ]
}
