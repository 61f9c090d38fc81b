//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseConfiguration {
    /// Which metrics, spans and log messages a client emits about itself.
    ///
    /// Names, units and attributes are those of OpenTelemetry's database conventions. Values of queries are never
    /// reported. The text of queries is reported only on spans and in the log of slow statements, and only if
    /// ``includesStatementText`` is set.
    ///
    /// A client checks once, when it is created, whether a metrics or tracing backend is installed: bootstrap them
    /// before. Without a backend nothing is measured.
    public struct Telemetry: Sendable, Hashable {
        /// Whether the duration of each statement is measured.
        ///
        /// Default true.
        public var measuresStatements: Bool
        /// Whether the pool is measured: connections by state, callers that wait, times of waiting, use and opening.
        ///
        /// Default true.
        public var measuresPool: Bool
        /// Whether database credentials are measured: age, time to the end, time and failures of minting.
        ///
        /// Default true.
        public var measuresCredentials: Bool
        /// Whether each statement is a span.
        ///
        /// Default true.
        public var tracesStatements: Bool
        /// Statements that take at least this long are logged at notice; nil, the default, logs none.
        ///
        /// The time counts from the call on the connection, waiting for earlier queries of the same connection included.
        public var slowStatementThreshold: Duration?
        /// Whether the text of a query is put on spans and into the log of slow statements.
        ///
        /// Default false. The bound values are never part of it, and literals that stand in the text itself are replaced by a
        /// question mark. It is never an attribute of a metric. Scripts are left out.
        public var includesStatementText: Bool
        /// The name of this client in the metrics of its pool and credentials, as `db.client.connection.pool.name`.
        ///
        /// The name has to be unique among the clients of a process. By default it is composed of the server's address,
        /// port and database; while the address is still to be looked up, the name of the endpoint or instance takes
        /// its place.
        public var poolName: String?
        /// Whether an attribute that has no value is present and empty rather than absent.
        ///
        /// Default false, as the conventions want it. Set it for a metrics backend that insists on the same labels for all of a
        /// metric's series, as some versions of swift-prometheus do by ending the process.
        public var fillsAbsentAttributes: Bool
        /// The names of the attributes.
        public var attributes: AttributeNames
        /// The names of the metrics.
        public var metrics: MetricNames

        /// Creates the default: everything is measured and traced, and no text is included.
        public init() {
            self.measuresStatements = true
            self.measuresPool = true
            self.measuresCredentials = true
            self.tracesStatements = true
            self.slowStatementThreshold = nil
            self.includesStatementText = false
            self.poolName = nil
            self.fillsAbsentAttributes = false
            self.attributes = AttributeNames()
            self.metrics = MetricNames()
        }

        /// Nothing is measured, traced or logged.
        public static var off: LakebaseConfiguration.Telemetry {
            var configuration = LakebaseConfiguration.Telemetry()
            configuration.measuresStatements = false
            configuration.measuresPool = false
            configuration.measuresCredentials = false
            configuration.tracesStatements = false
            return configuration
        }

        /// The buckets that the conventions advise for the duration of statements.
        ///
        /// swift-metrics cannot pass buckets on; configure them in the backend for ``MetricNames/operationDuration``.
        public static let operationDurationBuckets: [Duration] = [
            .milliseconds(1), .milliseconds(5), .milliseconds(10), .milliseconds(50), .milliseconds(100),
            .milliseconds(500), .seconds(1), .seconds(5), .seconds(10),
        ]
    }
}
