//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import BoundedTime
import Logging

/// The work of callers on leased connections, for all clients of a pool.
extension ConnectionPool {
    /// Leases a connection to `body`, which runs on the connection's event loop as far as it is not isolated.
    ///
    /// - Parameter deadline: Until when to wait for a connection; the configured time from now when nil.
    /// - Parameter site: The call site, for the report of leases that last too long.
    package nonisolated(nonsending) func withConnection<Value>(
        deadline: ContinuousClock.Instant?, from site: CallSite, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await self.acquire(deadline: deadline, from: site)
        let leased = lease.connection.leased()
        let result: Result<Value, any Error>
        do {
            result = .success(try await withTaskExecutorPreference(leased.eventLoop) { try await body(leased) })
        } catch {
            result = .failure(error)
        }
        await self.release(lease, leaving: leased.endLease())
        return try result.get()
    }

    /// Runs `body` in a transaction on a leased connection, and again after certain errors.
    ///
    /// - Parameter retries: How often the transaction may be run again.
    /// - Parameter deadline: When it has to be committed, the wait for a connection and all attempts included.
    package nonisolated(nonsending) func withTransaction<Value>(
        isolation: PQConnection.IsolationLevel?, readOnly: Bool, deferrable: Bool, settings: [String: String],
        retries: Int, deadline: ContinuousClock.Instant?, from site: CallSite,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        var made = TransactionAttempts(retries: retries)
        while true {
            var isCommitting = false
            var cause: PQError?
            do {
                return try await self.withConnection(deadline: deadline, from: site) { connection in
                    do {
                        return try await connection.withTransaction(
                            isolation: isolation, readOnly: readOnly, deferrable: deferrable, settings: settings,
                            deadline: deadline
                        ) { connection in
                            let value = try await body(connection)
                            isCommitting = true
                            return value
                        }
                    } catch  where retries > 0 {
                        // The body may have wrapped it.
                        cause = await connection.causeOfFailure
                        throw error
                    }
                }
            } catch {
                switch made.failed(error, cause: cause, isCommitting: isCommitting, jitter: .random(in: 0...1)) {
                case .giveUp:
                    throw error
                case .again(let pause):
                    if let deadline, ContinuousClock.now.later(by: pause) >= deadline { throw error }
                    self.logger.debug("A transaction is run again", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: pause)
                }
            }
        }
    }

    /// Releases a connection after its session is settled.
    ///
    /// Inlined, so that releasing a connection that needs no cleanup costs no call that might suspend.
    @inline(__always)
    nonisolated(nonsending) func release(_ lease: Lease, leaving changes: SessionChanges) async {
        let resets = self.configuration.sessionReset.applies(to: changes)
        if resets || !changes.isDisjoint(with: [.unsettled, .busy, .observers]) {
            await lease.connection.settle(resets: resets)
        }
        self.release(lease, reusable: !lease.connection.needsReset)
    }
}
