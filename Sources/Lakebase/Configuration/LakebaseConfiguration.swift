//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
public import Databricks
public import Secrets

/// The database that a client connects to, the role it logs in as, and its limits.
///
/// Usually found in the environment:
///
/// ```swift
/// let client = try LakebaseClient(configuration: .fromEnvironment(), logger: logger)
/// ```
public struct LakebaseConfiguration: Sendable {
    /// The kind of database, which decides where the password comes from.
    public enum Target: Sendable {
        /// An endpoint of a Lakebase project. The password is a credential minted for it.
        ///
        /// `endpoint` is `projects/…/branches/…/endpoints/…`. One of the two may be nil: it is then looked up.
        case autoscaling(endpoint: String?, host: String?)
        /// A provisioned instance. The password is a credential minted for it. One of the two may be nil.
        case provisioned(instance: String?, host: String?)
        /// Any PostgreSQL with a password of its own, or none. No token is ever sent to it.
        case postgres(host: String, password: Secret?)
    }

    /// The database's kind and place.
    public var target: Target
    /// The numeric address to connect to, in place of an address of the host's name.
    ///
    /// The name is looked up nowhere then; the certificate still has to name it. `PGHOSTADDR` and a connection string's `hostaddr` set it.
    public var hostAddress: String?
    /// The port.
    ///
    /// Default 5432.
    public var port: Int
    /// More servers to try after the target's host; for an ordinary PostgreSQL only.
    ///
    /// A minted credential is never sent to another host than the database's own.
    public var additionalHosts: [PQConnection.Configuration.Host] = []
    /// Which of the servers are acceptable, libpq's `target_session_attrs`.
    public var targetSession = PQConnection.Configuration.TargetSession.any
    /// The order in which the servers and their addresses are tried, libpq's `load_balance_hosts`.
    public var loadBalancing = PQConnection.Configuration.LoadBalancing.disable
    /// The passphrase of the client's private key, libpq's `sslpassword`.
    public var keyPassphrase: Secret?
    /// More of libpq's parameters by keyword, such as `channel_binding` and `sslcert`.
    ///
    /// A connection string sets those that it names.
    public var libpqParameters: [String: String] = [:]
    /// The database.
    ///
    /// Default `databricks_postgres`.
    public var database: String
    /// The role; nil means the identity that owns the token.
    public var username: String?
    /// The TLS verification mode.
    ///
    /// With a minted credential this is `verifyFull` even if `PGSSLMODE` asks for less, since a token must not be sent to a
    /// server that has not been verified. Set another value here to relax it.
    public var tls: PQConnection.Configuration.TLSMode
    /// Whether a token may be sent to a host that the workspace does not report for the database.
    ///
    /// False by default: a host outside the service's own domains has to be one that the workspace reports for the
    /// endpoint or instance. True for a tunnel or a private name; `LAKEBASE_PG_HOST` sets it.
    public var allowsOtherHosts: Bool
    /// A file with the certificates to trust; nil means the system's.
    public var rootCertificate: String?
    /// The application's name in `pg_stat_activity`.
    public var applicationName: String?
    /// The schema that unqualified names belong to, put at the front of `search_path`.
    public var schema: String?
    /// More settings for each session.
    public var settings: [String: String]
    /// Startup options in libpq's spelling.
    public var startupOptions: String?
    /// How many texts of queries stay prepared on a connection.
    ///
    /// Default 256; 0 turns it off.
    public var statementCacheCapacity: Int
    /// TCP keepalive: silence before the first probe, in whole seconds.
    ///
    /// Default 30 seconds.
    public var keepaliveIdle: Duration
    /// Options of the request that mints a credential.
    public var credential: LakebaseConfiguration.CredentialOptions
    /// The workspace that mints the credentials; nil where none are needed.
    public var workspace: WorkspaceConfiguration?
    /// The pool's limits.
    public var pool: PQPoolConfiguration
    /// What the client reports to metrics, traces and the log.
    public var telemetry: LakebaseConfiguration.Telemetry
    /// Remarks about how the configuration was found; logged once at the start.
    public var notes: [String]

    /// The source of each value, by the names of ``describe()``; empty for a configuration made by hand.
    var origins: [String: Origin] = [:]
    /// Where the workspace's variables came from, by their names, unless they are the environment's own.
    var workspaceSources: [String: Source] = [:]

    /// Creates a configuration in code, instead of reading it from the environment.
    public init(
        target: Target,
        hostAddress: String? = nil,
        port: Int = 5432,
        database: String = "databricks_postgres",
        username: String? = nil,
        tls: PQConnection.Configuration.TLSMode = .verifyFull,
        rootCertificate: String? = nil,
        allowsOtherHosts: Bool = false,
        applicationName: String? = nil,
        schema: String? = nil,
        settings: [String: String] = [:],
        startupOptions: String? = nil,
        statementCacheCapacity: Int = 256,
        keepaliveIdle: Duration = .seconds(30),
        credential: LakebaseConfiguration.CredentialOptions = LakebaseConfiguration.CredentialOptions(),
        workspace: WorkspaceConfiguration? = nil,
        pool: PQPoolConfiguration = PQPoolConfiguration(),
        telemetry: LakebaseConfiguration.Telemetry = LakebaseConfiguration.Telemetry()
    ) {
        self.target = target
        self.hostAddress = hostAddress
        self.port = port
        self.database = database
        self.username = username
        self.tls = tls
        self.rootCertificate = rootCertificate
        self.applicationName = applicationName
        self.schema = schema
        self.allowsOtherHosts = allowsOtherHosts
        self.settings = settings
        self.startupOptions = startupOptions
        self.statementCacheCapacity = statementCacheCapacity
        self.keepaliveIdle = keepaliveIdle
        self.credential = credential
        self.workspace = workspace
        self.pool = pool
        self.telemetry = telemetry
        self.notes = []
    }

    /// Whether the password is a credential that has to be minted.
    public var usesTokens: Bool {
        switch self.target {
        case .autoscaling, .provisioned: true
        case .postgres: false
        }
    }
}
