//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Every setting that a configuration is read from: the one table behind the resolver, its messages and the
/// documentation.
///
/// A new setting is a case here, a line in ``facts``, and a place in ``SettingsResolver`` that reads it. A new family
/// of settings is added to ``families``, so that a misspelt name is refused.
enum LakebaseSetting: String, CaseIterable, Sendable {
    // The database.
    case databaseURL = "DATABASE_URL"
    case type = "LAKEBASE_TYPE"
    case endpoint = "LAKEBASE_ENDPOINT"
    case endpointName = "LAKEBASE_ENDPOINT_NAME"
    case platformEndpointName = "ENDPOINT_NAME"
    case instance = "LAKEBASE_INSTANCE"
    case instanceName = "LAKEBASE_INSTANCE_NAME"
    case hostOverride = "LAKEBASE_PG_HOST"
    case host = "PGHOST"
    case hostAddress = "PGHOSTADDR"
    case port = "PGPORT"
    case targetSession = "PGTARGETSESSIONATTRS"
    case loadBalancing = "PGLOADBALANCEHOSTS"
    case database = "PGDATABASE"
    case user = "PGUSER"
    case password = "PGPASSWORD"
    // TLS.
    case sslMode = "PGSSLMODE"
    case rootCertificate = "PGSSLROOTCERT"
    // The session.
    case applicationName = "PGAPPNAME"
    case schema = "LAKEBASE_SCHEMA"
    case sessionSettings = "LAKEBASE_SESSION_SETTINGS"
    case options = "PGOPTIONS"
    case statementCache = "LAKEBASE_STATEMENT_CACHE"
    case keepaliveIdle = "LAKEBASE_KEEPALIVE_IDLE"
    // The credential.
    case credentialTTL = "LAKEBASE_CREDENTIAL_TTL"
    case credentialClaims = "LAKEBASE_CREDENTIAL_CLAIMS"
    case credentialGroup = "LAKEBASE_CREDENTIAL_GROUP"
    // The pool.
    case minimumConnections = "LAKEBASE_POOL_MINIMUM_CONNECTIONS"
    case maximumConnections = "LAKEBASE_POOL_MAXIMUM_CONNECTIONS"
    case maximumWaiters = "LAKEBASE_POOL_MAXIMUM_WAITERS"
    case acquireTimeout = "LAKEBASE_POOL_ACQUIRE_TIMEOUT"
    case connectTimeout = "LAKEBASE_POOL_CONNECT_TIMEOUT"
    case platformConnectTimeout = "PGCONNECT_TIMEOUT"
    case wakeTimeout = "LAKEBASE_POOL_WAKE_TIMEOUT"
    case idleTimeout = "LAKEBASE_POOL_IDLE_TIMEOUT"
    case livenessCheckAfter = "LAKEBASE_POOL_LIVENESS_CHECK_AFTER"
    case livenessCheckTimeout = "LAKEBASE_POOL_LIVENESS_CHECK_TIMEOUT"
    case maximumAge = "LAKEBASE_POOL_MAXIMUM_AGE"
    case drainTimeout = "LAKEBASE_POOL_DRAIN_TIMEOUT"
    case processCount = "LAKEBASE_POOL_PROCESS_COUNT"
    case leakWarningAfter = "LAKEBASE_POOL_LEAK_WARNING_AFTER"
    case sessionReset = "LAKEBASE_POOL_SESSION_RESET"
    case multiplexing = "LAKEBASE_POOL_MULTIPLEXING"
    // Telemetry.
    case measuresStatements = "LAKEBASE_TELEMETRY_MEASURES_STATEMENTS"
    case measuresPool = "LAKEBASE_TELEMETRY_MEASURES_POOL"
    case measuresCredentials = "LAKEBASE_TELEMETRY_MEASURES_CREDENTIALS"
    case tracesStatements = "LAKEBASE_TELEMETRY_TRACES_STATEMENTS"
    case slowStatementThreshold = "LAKEBASE_TELEMETRY_SLOW_STATEMENT_THRESHOLD"
    case includesStatementText = "LAKEBASE_TELEMETRY_INCLUDES_STATEMENT_TEXT"
    case poolName = "LAKEBASE_TELEMETRY_POOL_NAME"
    case fillsAbsentAttributes = "LAKEBASE_TELEMETRY_FILLS_ABSENT_ATTRIBUTES"
}

extension LakebaseSetting {
    /// The setting's environment variable.
    var variable: String { self.rawValue }

    /// The setting's key in a configuration reader; the reader's environment provider maps the key to the same
    /// variable.
    var key: String { Self.key(ofVariable: self.rawValue) }

    /// Prefixes of variables that only this library uses: an unknown variable with such a prefix is reported as a
    /// mistake.
    static let families = ["LAKEBASE_POOL_", "LAKEBASE_CREDENTIAL_", "LAKEBASE_TELEMETRY_"]

    /// `LAKEBASE_POOL_IDLE_TIMEOUT` is `lakebase.pool.idleTimeout`, `DATABRICKS_CLIENT_ID` is `databricks.clientId`.
    static func key(ofVariable variable: String) -> String {
        let words = variable.lowercased().split(separator: "_").map(String.init)
        let isInFamily = Self.families.contains { variable.hasPrefix($0) }
        let groups = words.prefix(isInFamily ? 2 : 1)
        let rest = words.dropFirst(groups.count)
        guard let first = rest.first else { return groups.joined(separator: ".") }
        let leaf = first + rest.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return (groups + [leaf]).joined(separator: ".")
    }

    /// Whether the value must never be shown.
    ///
    /// A connection string may hold a password.
    var isSecret: Bool { self == .databaseURL || self == .password }

    /// The setting's meaning and default, as the documentation states them.
    var facts: (meaning: String, standard: String) {
        switch self {
        case .databaseURL: ("a libpq connection string; it may name several hosts", "")
        case .type: ("`autoscaling` or `provisioned`", "derived from the other settings")
        case .endpoint: ("`projects/…/branches/…/endpoints/…`", "looked up by the host")
        case .endpointName, .platformEndpointName: ("another name of `LAKEBASE_ENDPOINT`", "")
        case .instance: ("the name of a provisioned instance", "looked up by the host")
        case .instanceName: ("another name of `LAKEBASE_INSTANCE`", "")
        case .hostOverride:
            ("the host, instead of `PGHOST`; may be one that the workspace does not report", "")
        case .host:
            (
                "the host, or several with commas between them; with tokens one host name of the service, or one that the workspace reports",
                "looked up by the endpoint or instance"
            )
        case .hostAddress:
            ("the numeric address to connect to, while the host's name is what the certificate has to name", "")
        case .port: ("the port, or one for each host with commas between them", "5432")
        case .targetSession:
            (
                "which of several servers will do: `any`, `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`",
                "any"
            )
        case .loadBalancing: ("`random` to try the servers in random order, else `disable`", "disable")
        case .database: ("the database", "`databricks_postgres`; without tokens the user's name")
        case .user:
            ("the role to log in as", "the identity that owns the token; without tokens `USER`, else `postgres`")
        case .password: ("a native PostgreSQL password", "a credential is minted")
        case .sslMode: ("libpq's `sslmode`; without tokens only", "`prefer`; `verify-full` for host names of Lakebase")
        case .rootCertificate:
            ("a file with the certificates to trust", "the user's file in `~/.postgresql`, else the system's")
        case .applicationName: ("the application name that `pg_stat_activity` shows", "")
        case .schema: ("a schema, put at the front of `search_path`", "")
        case .sessionSettings: ("session settings, such as `statement_timeout=5s; work_mem=8MB`", "")
        case .options: ("startup options in libpq's syntax, such as `-c geqo=off`", "")
        case .statementCache: ("the number of query texts that stay prepared on a connection; 0 for none", "256")
        case .keepaliveIdle: ("idle time before TCP sends a keepalive probe; whole seconds", "30s")
        case .credentialTTL: ("the lifetime of a credential, 5m to 1h; endpoints only", "1h")
        case .credentialClaims: ("the permissions that a credential is restricted to, as JSON", "not restricted")
        case .credentialGroup:
            ("the group in whose role to log in, also the default of `PGUSER`; endpoints only", "none")
        case .minimumConnections: ("connections kept open even when idle", "0")
        case .maximumConnections: ("the maximum number of connections", "10")
        case .maximumWaiters: ("the maximum number of callers that wait for a connection", "1000")
        case .acquireTimeout: ("how long a caller waits for a connection", "30s")
        case .connectTimeout: ("how long one attempt to connect may take", "10s")
        case .platformConnectTimeout:
            ("the same in whole seconds, by libpq's rules: 0 means an hour, less than 2 means 2", "")
        case .wakeTimeout: ("how long connecting is retried while the compute wakes", "30s")
        case .idleTimeout: ("the idle time after which a connection is closed", "50s")
        case .livenessCheckAfter: ("the idle time after which a connection is checked before it is leased", "30s")
        case .livenessCheckTimeout: ("how long that check may take", "5s")
        case .maximumAge: ("the age at which a connection is replaced", "45m")
        case .drainTimeout: ("how long a shutdown waits for leased connections", "10s")
        case .processCount: ("how many processes like this one share the compute", "1")
        case .leakWarningAfter: ("the time after which a lease is reported with its place in the code, or `off`", "off")
        case .sessionReset:
            (
                "whether a session is reset when its connection is released: `when-changed`, `always` or `never`",
                "when-changed"
            )
        case .multiplexing:
            ("how many short statements of several tasks may share a connection at a time, 2 to 256, or `off`", "16")
        case .measuresStatements: ("`true` or `false`: whether the duration of statements is measured", "true")
        case .measuresPool: ("whether the pool is measured", "true")
        case .measuresCredentials: ("whether database credentials are measured", "true")
        case .tracesStatements: ("whether each statement is a span", "true")
        case .slowStatementThreshold: ("the duration from which a statement is logged as slow, or `off`", "off")
        case .includesStatementText:
            ("whether spans and the log of slow statements contain the text of a query", "false")
        case .poolName: ("the name of this client in metrics", "composed of host, port and database")
        case .fillsAbsentAttributes: ("whether attributes without a value are present and empty", "false")
        }
    }

    /// The table on the documentation's page; a test compares the two.
    static var documentationTable: String {
        let rows = Self.allCases.map { setting in
            let (meaning, standard) = setting.facts
            return
                "| `\(setting.variable)` | `\(setting.key)` | \(meaning) |\(standard.isEmpty ? "" : " \(standard)") |"
        }
        return (["| variable | key | meaning | when unset |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    }
}
