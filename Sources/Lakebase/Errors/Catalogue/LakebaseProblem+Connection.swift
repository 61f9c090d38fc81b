//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseProblem {
    /// Nobody takes connections at the host, for longer than waking takes.
    public static let computeUnreachable = LakebaseProblem(
        "LB401", "the server takes no connection",
        cause: "It refused, did not answer, or was still starting when the time for waking up was over.",
        remedy:
            "Check that host and port are right and can be reached from here. If the compute wakes slowly, raise wakeTimeout.",
        command: "pg_isready -h HOST -p PORT")

    /// The host's name has no address.
    public static let hostNotFound = LakebaseProblem(
        "LB402", "the host's name has no address",
        cause: "The name is misspelled, the endpoint was deleted, or this machine's name server does not know it.",
        remedy: "Correct PGHOST, or leave it unset to have it looked up.",
        command: "getent hosts HOST")

    /// TLS could not be set up.
    public static let serverNotTrusted = LakebaseProblem(
        "LB403", "the server cannot be verified",
        cause: "It offers no TLS, or its certificate is not trusted or is for another name.",
        remedy: "Connect by the name in the certificate; set PGSSLROOTCERT where the authority is one of your own.",
        command: "openssl s_client -starttls postgres -connect HOST:PORT")

    /// The endpoint is disabled.
    public static let endpointDisabled = LakebaseProblem(
        "LB404", "the endpoint is disabled",
        cause: "A user or program disabled it; a connection does not wake it.",
        remedy: "Enable it.",
        command: "databricks api patch '/api/2.0/postgres/ENDPOINT?update_mask=spec.disabled' "
            + "--json '{\"spec\": {\"disabled\": false}}'")

    /// The server has as many connections as it takes.
    public static let tooManyConnections = LakebaseProblem(
        "LB405", "the server has too many connections",
        cause: "The pools of all processes together want more connections than the server or the role may have.",
        remedy: "Lower maximumConnections, or give the endpoint a larger compute.",
        command: "SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC;")

    /// The connection was lost while it was used.
    public static let connectionLost = LakebaseProblem(
        "LB406", "the connection was lost",
        cause:
            "The server or something between ended it: the compute went to sleep or was restarted, an administrator ended "
            + "the session, or the network broke. Whether the statement under way took effect is not known.",
        remedy: "Do it again if that does no harm. The next one gets a new connection.")

    /// The server refuses to begin a session.
    public static let sessionRefused = LakebaseProblem(
        "LB407", "the server refuses the session",
        cause:
            "It knows the user and does not begin a session: a setting or startup option is wrong, or it is being recovered.",
        remedy: "Do what the server's message says.")

    static let ofConnection: [LakebaseProblem] = [
        .computeUnreachable, .hostNotFound, .serverNotTrusted, .endpointDisabled, .tooManyConnections, .connectionLost,
        .sessionRefused,
    ]
}

extension LakebaseProblem {
    /// No connection became free in time.
    public static let timedOut = LakebaseProblem(
        "LB501", "no connection became free in time",
        cause: "All connections of the pool were taken, or opening one takes too long. The error shows the pool.",
        remedy: "Hold connections for shorter, or raise maximumConnections.",
        command: "SELECT pid, state, query FROM pg_stat_activity WHERE usename = current_user;")

    /// The client's `run()` is not running.
    public static let notRunning = LakebaseProblem(
        "LB502", "the client is not running",
        cause: "Nothing connects before run() is called.",
        remedy: "Make the client part of a ServiceGroup, or call run() in a task group.")

    /// Too many callers are in line.
    public static let queueFull = LakebaseProblem(
        "LB503", "too many callers wait for a connection",
        cause: "The line of callers is as long as maximumWaiters allows.",
        remedy: "Shed load, or raise maximumConnections.")

    /// The client is shut down or shutting down.
    public static let shutDown = LakebaseProblem(
        "LB504", "the client is shut down",
        cause: "Its run() has ended or is ending.",
        remedy: "In a ServiceGroup put the client before the services that use it: they are then shut down first.")

    static let ofPool: [LakebaseProblem] = [.timedOut, .notRunning, .queueFull, .shutDown]
}
