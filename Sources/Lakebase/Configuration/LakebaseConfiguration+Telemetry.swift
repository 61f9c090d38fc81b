//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseConfiguration {
    /// What a client tells metrics, traces and the log about itself.
    ///
    /// Names, units and attributes are those of OpenTelemetry's database conventions. Values of queries are never told, and the
    /// text of queries only on spans and in the log of slow statements, and only after ``includesStatementText`` was set.
    ///
    /// A client looks once, when it is made, whether anything is there to receive it: bootstrap metrics and tracing before. Where no
    /// backend is installed nothing is measured.
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
        /// What the pool's and the credentials' metrics call this client, as `db.client.connection.pool.name`.
        ///
        /// Has to tell the clients of a process apart. By default it is made of the server's address, port and database; where
        /// the address is still to be looked up, the name of the endpoint or instance takes its place.
        public var poolName: String?
        /// Whether an attribute that has no value is present and empty rather than absent.
        ///
        /// Default false, as the conventions want it. Set it for a metrics backend that insists on the same labels for all of a
        /// metric's series, as some versions of swift-prometheus do by ending the process.
        public var fillsAbsentAttributes: Bool
        /// What the attributes are called.
        public var attributes: AttributeNames
        /// What the metrics are called.
        public var metrics: MetricNames

        /// Everything at its default.
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
        /// swift-metrics has no way to hand them on; give them to the backend under ``MetricNames/operationDuration``.
        public static let operationDurationBuckets: [Duration] = [
            .milliseconds(1), .milliseconds(5), .milliseconds(10), .milliseconds(50), .milliseconds(100),
            .milliseconds(500), .seconds(1), .seconds(5), .seconds(10),
        ]
    }
}
