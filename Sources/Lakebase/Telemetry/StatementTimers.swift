//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Metrics
import Synchronization

/// The timers of statements: one for each operation and kind of failure, made when first needed and kept.
final class StatementTimers: Sendable {
    private struct Failure: Hashable {
        var operation: StatementOperation
        var labels: FailureLabels
    }

    private struct Made {
        var successes: [Timer?]
        var failures: [Failure: Timer] = [:]
    }

    /// The number of SQLSTATEs with a timer of their own: applications can raise any SQLSTATE, and further ones share a
    /// timer.
    static let mostFailures = 256

    private let maker: MetricMaker
    private let server: [MetricMaker.Attribute]
    private let made: Mutex<Made>

    /// - Parameter server: The attributes that are the same for all.
    init(_ maker: MetricMaker, server: [MetricMaker.Attribute]) {
        self.maker = maker
        self.server = server
        self.made = Mutex(Made(successes: Array(repeating: nil, count: StatementOperation.names.count)))
    }

    func record(_ operation: StatementOperation, _ failure: FailureLabels?, _ duration: Duration) {
        let timer = self.made.withLock { made in
            guard let failure else {
                if let timer = made.successes[operation.index] { return timer }
                let timer = self.make(operation, nil)
                made.successes[operation.index] = timer
                return timer
            }
            let key = Failure(operation: operation, labels: failure)
            if let timer = made.failures[key] { return timer }
            guard made.failures.count < Self.mostFailures else {
                let rest = Failure(operation: .other, labels: .other)
                let timer = made.failures[rest] ?? self.make(rest.operation, rest.labels)
                made.failures[rest] = timer
                return timer
            }
            let timer = self.make(operation, failure)
            made.failures[key] = timer
            return timer
        }
        timer.recordNanoseconds(duration.nanoseconds)
    }

    private func make(_ operation: StatementOperation, _ failure: FailureLabels?) -> Timer {
        let names = self.maker.configuration.attributes
        return self.maker.timer(
            self.maker.configuration.metrics.operationDuration,
            self.server + [
                (names.operation, operation.name), (names.errorType, failure?.type),
                (names.statusCode, failure?.statusCode),
            ])
    }
}
