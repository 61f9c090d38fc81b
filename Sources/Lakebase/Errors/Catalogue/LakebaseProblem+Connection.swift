//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// The server did not accept a connection for longer than waking up takes.
    public static let computeUnreachable = LakebaseProblem(
        "LB401", "the server does not accept connections",
        cause: "It refused, did not answer, or was still starting when wakeTimeout had passed.",
        remedy:
            "Check that the host and port are right and can be reached from here. If the compute wakes "
            + "slowly, raise wakeTimeout.",
        command: "pg_isready -h HOST -p PORT")

    /// The host name cannot be resolved.
    public static let hostNotFound = LakebaseProblem(
        "LB402", "the host name cannot be resolved",
        cause: "The name is misspelled, the endpoint was deleted, or this machine's name server does not know it.",
        remedy: "Correct PGHOST, or leave it unset to have it looked up.",
        command: "getent hosts HOST")

    /// The server's certificate cannot be verified, or the server offers no TLS.
    public static let serverNotTrusted = LakebaseProblem(
        "LB403", "the server cannot be verified",
        cause: "It offers no TLS, or its certificate is not trusted or is for another name.",
        remedy:
            "Connect by the name in the certificate. If the certificate was issued by an authority of your "
            + "own, set PGSSLROOTCERT.",
        command: "openssl s_client -starttls postgres -connect HOST:PORT")

    /// The endpoint is disabled.
    public static let endpointDisabled = LakebaseProblem(
        "LB404", "the endpoint is disabled",
        cause: "A user or program disabled it. Connecting does not enable it.",
        remedy: "Enable it.",
        command: "databricks api patch '/api/2.0/postgres/ENDPOINT?update_mask=spec.disabled' "
            + "--json '{\"spec\": {\"disabled\": false}}'")

    /// The server or the role has reached its limit of connections.
    public static let tooManyConnections = LakebaseProblem(
        "LB405", "the server has too many connections",
        cause: "The pools of all processes together want more connections than the server or the role allows.",
        remedy: "Lower maximumConnections, or give the endpoint a larger compute.",
        command: "SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC;")

    /// The connection was lost while it was in use.
    public static let connectionLost = LakebaseProblem(
        "LB406", "the connection was lost",
        cause:
            "The server or the network closed it: the compute was suspended or restarted, an administrator "
            + "ended the session, or the network failed. It is not known whether the statement that was "
            + "running took effect.",
        remedy: "Repeat the statement if running it twice does no harm. The next call gets a new connection.")

    /// The server refuses to start a session.
    public static let sessionRefused = LakebaseProblem(
        "LB407", "the server refuses to start a session",
        cause:
            "It accepts the login but does not start a session: a setting or startup option is wrong, or the "
            + "server is in recovery.",
        remedy: "Follow the server's message.")

    static let ofConnection: [LakebaseProblem] = [
        .computeUnreachable, .hostNotFound, .serverNotTrusted, .endpointDisabled, .tooManyConnections, .connectionLost,
        .sessionRefused,
    ]
}

extension LakebaseProblem {
    /// No connection became free in time.
    public static let timedOut = LakebaseProblem(
        "LB501", "no connection became free in time",
        cause:
            "All connections of the pool were leased, or opening a connection takes too long. The error "
            + "shows the state of the pool.",
        remedy: "Hold connections for less time, or raise maximumConnections.",
        command: "SELECT pid, state, query FROM pg_stat_activity WHERE usename = current_user;")

    /// The client's `run()` is not running.
    public static let notRunning = LakebaseProblem(
        "LB502", "the client is not running",
        cause: "The client connects only while run() is running.",
        remedy: "Make the client part of a ServiceGroup, or call run() in a task group.")

    /// Too many callers wait for a connection.
    public static let queueFull = LakebaseProblem(
        "LB503", "too many callers wait for a connection",
        cause: "As many callers wait as maximumWaiters allows.",
        remedy: "Shed load, or raise maximumConnections.")

    /// The client is shut down or shutting down.
    public static let shutDown = LakebaseProblem(
        "LB504", "the client is shut down",
        cause: "Its run() has returned, or is shutting down.",
        remedy:
            "In a ServiceGroup, list the client before the services that use it, so that they are shut down "
            + "first.")

    static let ofPool: [LakebaseProblem] = [.timedOut, .notRunning, .queueFull, .shutDown]
}
