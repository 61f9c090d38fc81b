//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// What became of a statement on a shared connection.
package enum SharedOutcome: Sendable {
    /// The rows, and for how long the server worked on the statement.
    case rows(PQRows, took: Duration)
    /// The error of this statement; `took` is nil where the connection was lost.
    case failed(PQError, took: Duration?)
    /// Nothing was done, and the statement has to be run by itself.
    case alone
    /// Nothing was sent, since the connection is closed or in use: the statement may go to another connection.
    case elsewhere
    /// The task was cancelled. With `isOnServer` the statement runs on, which is reported when it is done.
    case cancelled(isOnServer: Bool)
}

extension PQConnection {
    /// Prepares the connection for the statements of many callers.
    ///
    /// - Parameter onAbandonedEnd: Called on the loop when a statement is done whose caller was cancelled.
    package func allowSharing(onAbandonedEnd: @escaping @Sendable () -> Void) {
        guard self.session.sharedUse == nil else { return }
        let multiplexer = Multiplexer(
            session: self.session, loop: self.eventLoop,
            onFailure: { [weak self] in self?.assumeIsolated { _ = $0.broken() } }, onAbandonedEnd: onAbandonedEnd)
        self.session.sharedUse = multiplexer
        self.source.onAbandon = { [weak multiplexer] in multiplexer?.abandon($0) }
    }

    /// Runs one statement beside those of other callers, in the order of the calls.
    ///
    /// Only for statements that are short, change nothing and need no transaction. Cancelling the task cancels nothing
    /// on the server, where other callers' statements may be in the way; the answer is dropped.
    package nonisolated(nonsending) func queryShared(_ query: PQQuery) async -> SharedOutcome {
        guard self.eventLoop.isCurrent else { return await self.querySharedOnLoop(query) }
        return await self.querySharedInPlace(query)
    }

    @concurrent
    private nonisolated func querySharedOnLoop(_ query: PQQuery) async -> SharedOutcome {
        await withTaskExecutorPreference(self.eventLoop) { await self.querySharedInPlace(query) }
    }

    private nonisolated(nonsending) func querySharedInPlace(_ query: PQQuery) async -> SharedOutcome {
        let (loop, session) = (self.eventLoop, self.session)
        guard !Task.isCancelled else { return .cancelled(isOnServer: false) }
        guard session.handle != nil, let sharedUse = session.sharedUse, let token = session.source.token else {
            return .elsewhere
        }
        guard query.bindings.failure == nil, query.bindings.count <= 64, query.bindings.bytes.count <= 4096 else {
            return .alone
        }
        let id = sharedUse.makeID()
        let answer: SharedAnswer = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: UnsafeContinuation<SharedAnswer, Never>) in
                // The runtime may have given other jobs a turn since; this step has to be on the loop like all others.
                if !loop.isCurrent || Task.isCancelled {
                    waiter.resume(returning: Task.isCancelled ? .cancelled(isOnServer: false) : .notSent)
                } else {
                    sharedUse.submit(query, id, waiter)
                }
            }
        } onCancel: {
            loop.abandon(token: token, id: id)
        }
        switch answer {
        case .result(let result, let took): return .rows(PQRows(result: result), took: took)
        case .failed(var error, let took):
            error.query = query.sql
            // Its own transaction has ended, so that it can be run again whatever others do.
            if await self.noteUnfit(query, after: error) { return .alone }
            return .failed(error, took: took)
        case .lost(var error):
            error.query = query.sql
            return .failed(error, took: nil)
        case .notSent: return .elsewhere
        case .unsuitable: return .alone
        case .cancelled(let isOnServer): return .cancelled(isOnServer: isOnServer)
        }
    }

    private func noteUnfit(_ query: PQQuery, after error: PQError) -> Bool {
        self.session.noteUnfit(query, after: error)
    }
}
