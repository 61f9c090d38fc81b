//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Decides whether a transaction that failed is run again.
package struct TransactionAttempts {
    package enum Decision: Equatable {
        case again(after: Duration)
        case giveUp
    }

    /// The failures after which a transaction is run again.
    package enum Causes {
        /// Those after which the server rolled it back because of other transactions: serialization failures and
        /// deadlocks.
        case conflicts
        /// Those of ``conflicts``, connections lost before the commit, and prepared statements that no longer fit the
        /// schema.
        case conflictsAndLosses
    }

    /// How often it may be run again.
    private let retries: Int
    private let causes: Causes
    private var made = 0

    package init(retries: Int, after causes: Causes = .conflictsAndLosses) {
        self.retries = retries
        self.causes = causes
    }

    /// Decides after a failure whether the transaction is run again.
    ///
    /// - Parameter error: What the body threw, which may hide what the server said.
    /// - Parameter cause: The driver's own error that ended the transaction or the connection.
    /// - Parameter isCommitting: Whether all statements had succeeded and only the commit was left. If the connection
    ///   is lost then, it is unknown whether the commit took effect.
    /// - Parameter jitter: 0 to 1; spreads the retries of transactions that conflicted.
    package mutating func failed(
        _ error: any Error, cause: PQError? = nil, isCommitting: Bool, jitter: Double
    ) -> Decision {
        self.made += 1
        guard self.made <= self.retries, !(error is CancellationError) else { return .giveUp }
        let errors = [error as? PQError, cause].compactMap(\.self)
        // What the commit did is not known, and a caller that set a deadline does not want another attempt.
        guard !errors.contains(where: { $0.code == .commitUnknown || $0.code == .timedOut }) else { return .giveUp }
        for error in errors {
            if error.isConflict { return .again(after: self.pause(jitter)) }
            guard self.causes == .conflictsAndLosses else { continue }
            if error.isSafeToRetry { return .again(after: self.pause(jitter)) }
            if error.meansStaleStatement { return .again(after: .zero) }
            if error.code == .connectionClosed, !isCommitting { return .again(after: .zero) }
        }
        return .giveUp
    }

    /// The pause before the next attempt: 5 ms at first, doubled each time up to half a second, less a random part of
    /// up to a half.
    private func pause(_ jitter: Double) -> Duration {
        min(.milliseconds(5) * (1 << min(self.made - 1, 10)), .milliseconds(500)) * (1 - jitter / 2)
    }
}
