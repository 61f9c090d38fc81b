//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Metrics
import Synchronization
import Tracing

/// Reports a client to metrics, traces and the log, as far as such systems are bootstrapped.
///
/// Whether they are is looked up once, by the initialiser.
final class ClientTelemetry: Sendable {
    /// Nil where no metrics system is bootstrapped.
    let pool: PoolTelemetry?
    /// Nil where no metrics system is bootstrapped, or where there are no credentials.
    let credentials: CredentialTelemetry?

    private let configuration: LakebaseConfiguration
    private let maker: MetricMaker?
    private let tracer: (any Tracer)?
    private let logger: Logger
    /// The observers by host; usually there is one host.
    private let observers = Mutex<[String: StatementTelemetry]>([:])

    init(_ configuration: LakebaseConfiguration, logger: Logger) {
        let telemetry = configuration.telemetry
        let (factory, tracer) = (MetricsSystem.factory, InstrumentationSystem.tracer)
        let maker =
            factory is NOOPMetricsHandler ? nil : MetricMaker(factory: factory, configuration: telemetry)
        let poolName = telemetry.poolName ?? configuration.defaultPoolName
        self.configuration = configuration
        self.logger = logger
        self.tracer = telemetry.tracesStatements && !(tracer is NoOpTracer) ? tracer : nil
        self.pool =
            telemetry.measuresPool
            ? maker.map { PoolTelemetry($0, poolName: poolName, limits: configuration.pool) } : nil
        self.credentials =
            telemetry.measuresCredentials && configuration.usesTokens
            ? maker.map { CredentialTelemetry($0, poolName: poolName) } : nil
        self.maker = telemetry.measuresStatements ? maker : nil
    }

    /// The observer of the statements on connections to a host; nil when nothing observes them.
    func observer(host: String) -> (any PQQueryObserver)? {
        let telemetry = self.configuration.telemetry
        guard self.maker != nil || self.tracer != nil || telemetry.slowStatementThreshold != nil else { return nil }
        return self.observers.withLock { observers in
            if let observer = observers[host] { return observer }
            let observer = self.makeObserver(host: host)
            observers[host] = observer
            return observer
        }
    }

    private func makeObserver(host: String) -> StatementTelemetry {
        let telemetry = self.configuration.telemetry
        let names = telemetry.attributes
        let namespace = self.configuration.namespace
        let port = self.configuration.port
        let timers = self.maker.map { maker in
            StatementTimers(
                maker,
                server: [
                    (names.system, "postgresql"), (names.namespace, namespace), (names.serverAddress, host),
                    (names.serverPort, "\(port)"),
                ])
        }
        let spans = self.tracer.map { tracer in
            var server = SpanAttributes()
            if let key = names.system { server[key] = "postgresql" }
            if let key = names.namespace { server[key] = namespace }
            if let key = names.serverAddress { server[key] = host }
            if let key = names.serverPort { server[key] = port }
            return StatementSpans(tracer, names, server: server)
        }
        return StatementTelemetry(telemetry, timers: timers, spans: spans, logger: self.logger)
    }
}

extension LakebaseConfiguration {
    /// The database and, where one is configured, the schema.
    var namespace: String { self.schema.map { "\(self.database).\($0)" } ?? self.database }

    /// Server, port and database, as the conventions advise; while the server is not known, the name of the endpoint or
    /// instance.
    var defaultPoolName: String {
        let server: String
        switch self.target {
        case .postgres(let host, _): server = "\(host):\(self.port)"
        case .autoscaling(let endpoint, let host): server = host.map { "\($0):\(self.port)" } ?? endpoint ?? ""
        case .provisioned(let instance, let host): server = host.map { "\($0):\(self.port)" } ?? instance ?? ""
        }
        return "\(server)/\(self.namespace)"
    }
}
