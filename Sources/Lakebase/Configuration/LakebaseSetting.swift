//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Every setting that a configuration is read from: the one table behind the resolver, its messages and the documentation.
///
/// A new setting is a case here, a line in ``facts``, and a place in ``SettingsResolver`` that asks for it. Those of a new
/// family add it to ``families``, so that a misspelt name is refused.
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
    /// Its variable in the environment.
    var variable: String { self.rawValue }

    /// Its key in a configuration reader, from which the reader's environment provider makes the same variable.
    var key: String { Self.key(ofVariable: self.rawValue) }

    /// Beginnings of variables that belong to this library alone: an unknown one is a mistake.
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

    /// Whether its value must never be shown.
    ///
    /// A connection string may hold a password.
    var isSecret: Bool { self == .databaseURL || self == .password }

    /// Its meaning and its default, as the documentation states them.
    var facts: (meaning: String, standard: String) {
        switch self {
        case .databaseURL: ("a connection string of libpq; one host", "")
        case .type: ("`autoscaling` or `provisioned`", "told from the others")
        case .endpoint: ("`projects/…/branches/…/endpoints/…`", "looked up by the host")
        case .endpointName, .platformEndpointName: ("another name of `LAKEBASE_ENDPOINT`", "")
        case .instance: ("the name of a provisioned instance", "looked up by the host")
        case .instanceName: ("another name of `LAKEBASE_INSTANCE`", "")
        case .hostOverride:
            ("the host, in place of `PGHOST`; may differ from the ones that the workspace reports", "")
        case .host:
            (
                "the host; with tokens a name of the service, or one that the workspace reports",
                "looked up by the endpoint or instance"
            )
        case .hostAddress:
            ("the numeric address to connect to, while the host's name is what the certificate has to name", "")
        case .port: ("the port", "5432")
        case .database: ("the database", "`databricks_postgres`; without tokens the user's name")
        case .user: ("the role", "the identity that owns the token; without tokens `USER`, else `postgres`")
        case .password: ("a password of the database's own", "a credential is minted")
        case .sslMode: ("libpq's `sslmode`; without tokens only", "`prefer`; `verify-full` for host names of Lakebase")
        case .rootCertificate:
            ("a file with the certificates to trust", "the user's file in `~/.postgresql`, else the system's")
        case .applicationName: ("what `pg_stat_activity` shows", "")
        case .schema: ("a schema, put at the front of `search_path`", "")
        case .sessionSettings: ("settings of the session, as `statement_timeout=5s; work_mem=8MB`", "")
        case .options: ("startup options in libpq's spelling, as `-c geqo=off`", "")
        case .statementCache: ("how many texts of queries stay prepared on a connection; 0 for none", "256")
        case .keepaliveIdle: ("idle time before TCP sends a keepalive probe; whole seconds", "30s")
        case .credentialTTL: ("how long a credential lives, 5m to 1h; endpoints only", "1h")
        case .credentialClaims: ("what a credential is restricted to, as JSON", "not restricted")
        case .credentialGroup:
            ("the group in whose role to log in, and `PGUSER` where that is not set; endpoints only", "none")
        case .minimumConnections: ("connections kept open even when idle", "0")
        case .maximumConnections: ("connections open at most", "10")
        case .maximumWaiters: ("callers that may wait for a connection", "1000")
        case .acquireTimeout: ("how long a caller waits for a connection", "30s")
        case .connectTimeout: ("how long one attempt to connect may take", "10s")
        case .platformConnectTimeout:
            ("the same in whole seconds, by libpq's rules: 0 for an hour, below 2 it is 2", "")
        case .wakeTimeout: ("how long connecting is tried again while the compute wakes", "30s")
        case .idleTimeout: ("after how much idleness a connection is closed", "50s")
        case .livenessCheckAfter: ("after how much idleness a connection is checked before it is leased", "30s")
        case .livenessCheckTimeout: ("how long that check may take", "5s")
        case .maximumAge: ("the age at which a connection is replaced", "45m")
        case .drainTimeout: ("how long a shutdown waits for leased connections", "10s")
        case .processCount: ("how many processes like this one share the compute", "1")
        case .leakWarningAfter: ("after how long a lease is reported with its place in the code, or `off`", "off")
        case .sessionReset:
            (
                "whether a session is reset when its connection comes back: `when-changed`, `always` or `never`",
                "when-changed"
            )
        case .measuresStatements: ("`true` or `false`: whether the duration of statements is measured", "true")
        case .measuresPool: ("whether the pool is measured", "true")
        case .measuresCredentials: ("whether database credentials are measured", "true")
        case .tracesStatements: ("whether each statement is a span", "true")
        case .slowStatementThreshold: ("from which duration on a statement is logged, or `off`", "off")
        case .includesStatementText: ("whether the text of a query goes on spans and into that log", "false")
        case .poolName: ("what metrics call this client", "made of the place")
        case .fillsAbsentAttributes: ("whether attributes without a value are present and empty", "false")
        }
    }

    /// The table of the documentation's page, which a test compares.
    static var documentationTable: String {
        let rows = Self.allCases.map { setting in
            let (meaning, standard) = setting.facts
            return
                "| `\(setting.variable)` | `\(setting.key)` | \(meaning) |\(standard.isEmpty ? "" : " \(standard)") |"
        }
        return (["| variable | key | meaning | when unset |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    }
}
