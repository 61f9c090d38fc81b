//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Tracing

/// Observes the statements of the connections to one server: times them, traces them, logs the slow ones.
final class StatementTelemetry: PQQueryObserver {
    private let configuration: LakebaseConfiguration.Telemetry
    private let timers: StatementTimers?
    private let spans: StatementSpans?
    private let logger: Logger

    init(
        _ configuration: LakebaseConfiguration.Telemetry, timers: StatementTimers?, spans: StatementSpans?,
        logger: Logger
    ) {
        self.configuration = configuration
        self.timers = timers
        self.spans = spans
        self.logger = logger
    }

    func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken {
        let operation: StatementOperation
        switch kind {
        case .query: operation = StatementOperation(sql: sql)
        case .script: operation = .batch
        }
        var token = PQQueryToken(number: operation.index)
        if let span = self.spans?.start(operation, text: self.shownText(sql, operation)) { token.attachment = span }
        return token
    }

    func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>) {
        let duration = token.begin.duration(to: .now)
        let operation = StatementOperation(index: token.number)
        let failure: FailureLabels?
        switch result {
        case .success: failure = nil
        case .failure(let error): failure = FailureLabels(error)
        }
        self.timers?.record(operation, failure, duration)
        if let attachment = token.attachment, let span = attachment as? any Span {
            self.spans?.end(span, result, failure)
        }
        if let threshold = self.configuration.slowStatementThreshold, duration >= threshold {
            self.log(sql, operation, failure, duration)
        }
    }

    /// The text to show; nil for a script, which contains its values and is usually long.
    private func shownText(_ sql: String, _ operation: StatementOperation) -> String? {
        self.configuration.includesStatementText && operation != .batch ? StatementText.shown(sql) : nil
    }

    private func log(
        _ sql: String, _ operation: StatementOperation, _ failure: FailureLabels?, _ duration: Duration
    ) {
        let names = self.configuration.attributes
        var metadata: Logger.Metadata = ["\(self.configuration.metrics.operationDuration)": "\(duration.seconds)"]
        for (name, value) in [
            (names.operation, operation.name), (names.errorType, failure?.type),
            (names.text, self.shownText(sql, operation)),
        ] {
            if let name, let value { metadata[name] = "\(value)" }
        }
        self.logger.notice("Slow statement", metadata: metadata)
    }
}
