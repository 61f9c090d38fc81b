//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseConfiguration.Telemetry {
    /// The names of the attributes of metrics and spans; an attribute whose name is nil is left out.
    ///
    /// The defaults are those of OpenTelemetry's semantic conventions for PostgreSQL clients.
    public struct AttributeNames: Sendable, Hashable {
        /// The kind of database, always `postgresql`.
        public var system: String? = "db.system.name"
        /// The database and, where one is configured, the schema: `database.schema`.
        ///
        /// The schema is that with which the session started; a later `SET search_path` does not change it.
        public var namespace: String? = "db.namespace"
        /// The first keyword of the statement, such as `SELECT`, from a closed list.
        public var operation: String? = "db.operation.name"
        /// A short description of the statement, here the same as ``operation``; on spans only.
        public var summary: String? = "db.query.summary"
        /// The statement's text without values; on spans only, see ``LakebaseConfiguration/Telemetry/includesStatementText``.
        public var text: String? = "db.query.text"
        /// How many rows came back; on spans only.
        public var returnedRows: String? = "db.response.returned_rows"
        /// The SQLSTATE of a failure.
        public var statusCode: String? = "db.response.status_code"
        /// The kind of a failure: its SQLSTATE or, without one, the code or the type of the error.
        public var errorType: String? = "error.type"
        /// The server's name, address or folder.
        public var serverAddress: String? = "server.address"
        /// The server's port.
        public var serverPort: String? = "server.port"
        /// The pool's name.
        public var poolName: String? = "db.client.connection.pool.name"
        /// A connection's state: `idle`, `used` or `connecting`.
        public var connectionState: String? = "db.client.connection.state"
        /// A metric's unit, for backends that look for it among the attributes.
        ///
        /// Nil by default. swift-otel reads it from `unit`.
        public var unit: String?

        /// The names of the conventions.
        public init() {}
    }

    /// The names of the metrics.
    ///
    /// The defaults are those of OpenTelemetry's semantic conventions for database clients; what they have no name for
    /// begins with `lakebase`.
    public struct MetricNames: Sendable, Hashable {
        /// How long statements take: a histogram in seconds.
        public var operationDuration = "db.client.operation.duration"
        /// Connections by state.
        public var connectionCount = "db.client.connection.count"
        /// The most connections that may be idle.
        public var idleMaximum = "db.client.connection.idle.max"
        /// The connections that are kept open even when idle.
        public var idleMinimum = "db.client.connection.idle.min"
        /// The most connections.
        public var connectionMaximum = "db.client.connection.max"
        /// Callers that wait for a connection.
        public var pendingRequests = "db.client.connection.pending_requests"
        /// Callers that gave up waiting, since the start.
        public var timeouts = "db.client.connection.timeouts"
        /// How long opening a connection takes, from the credential to the ready session, waking the compute included: a
        /// histogram in seconds.
        public var createTime = "db.client.connection.create_time"
        /// How long callers wait for a connection: a histogram in seconds.
        public var waitTime = "db.client.connection.wait_time"
        /// How long callers keep a connection: a histogram in seconds.
        public var useTime = "db.client.connection.use_time"
        /// Seconds since the credential was minted.
        public var credentialAge = "lakebase.client.credential.age"
        /// Seconds until the credential expires; 0 when it has expired or there is none.
        public var credentialTimeToExpiry = "lakebase.client.credential.time_to_expiry"
        /// How long minting a credential takes: a histogram in seconds.
        public var credentialRefreshDuration = "lakebase.client.credential.refresh.duration"
        /// Attempts to mint a credential that failed, since the start.
        public var credentialRefreshFailures = "lakebase.client.credential.refresh.failures"
        /// Clients of an app's visitors, by the attribute for states: `used`, `idle`, `closing`.
        public var userClients = "lakebase.users.clients"
        /// Requests of visitors that wait for a client.
        public var userPendingRequests = "lakebase.users.pending_requests"
        /// Connections of all visitors' clients, open or being opened.
        public var userConnections = "lakebase.users.connections"
        /// Clients that were closed to make room for another visitor, since the start.
        public var userEvictions = "lakebase.users.evictions"
        /// Requests that gave up waiting for a client, since the start.
        public var userTimeouts = "lakebase.users.timeouts"
        /// Requests that were refused because too many waited, since the start.
        public var userRefusals = "lakebase.users.refusals"
        /// Requests whose identity was rejected, since the start.
        public var userRejections = "lakebase.users.rejections"

        /// The names of the conventions.
        public init() {}
    }
}
