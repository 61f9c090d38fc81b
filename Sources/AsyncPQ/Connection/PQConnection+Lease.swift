//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Synchronization

/// Leases: each holder gets a connection object of its own over the same session, which refuses to work when the lease
/// is over.
extension PQConnection {
    /// A connection over this one's session, until ``endLease()``.
    package nonisolated func leased() -> PQConnection { PQConnection(leasing: self) }

    /// Ends a lease: the connection accepts no further queries.
    ///
    /// - Returns: The changes that the queries left. With ``SessionChanges/busy`` a query is still running.
    package nonisolated func endLease() -> SessionChanges {
        // Either a query that begins now sees that the lease is over, or it is seen here to be running.
        self.leaseIsOver.store(true, ordering: .sequentiallyConsistent)
        return SessionChanges(rawValue: self.session.condition.load(ordering: .sequentiallyConsistent))
    }

    /// The changes that the queries left in the session, readable from any thread.
    package nonisolated var leftBehind: SessionChanges {
        SessionChanges(rawValue: self.session.condition.load(ordering: .acquiring))
    }

    /// The error of a leased connection whose lease is over; nil otherwise.
    nonisolated var endedLease: PQError? {
        guard self.isLeased, self.leaseIsOver.load(ordering: .sequentiallyConsistent) else { return nil }
        return Self.leaseEnded
    }

    private static let leaseEnded = PQError(
        .leaseEnded,
        "the connection went back to its pool when the closure of its lease returned; use it within that closure only")

    /// Called before a leased connection sends anything, with the turn taken.
    @inline(__always)
    nonisolated func beginUse() throws(PQError) {
        guard self.isLeased else { return }
        if let endedLease { throw endedLease }
        self.session.condition.bitwiseOr(SessionChanges.busy.rawValue, ordering: .sequentiallyConsistent)
        if let endedLease { throw endedLease }
    }

    /// The error that ended the last transaction or the connection, if the transaction may be run again because of it.
    package var causeOfFailure: PQError? { self.session.transactionFailure ?? self.closeReason }

    /// Prepares the session for the next lease; closes the connection if that fails.
    ///
    /// Also works in a cancelled task.
    ///
    /// - Parameter resets: Whether to put the session back into the state it had after the login.
    package func settle(resets: Bool) async {
        await self.settleReaders()
        let listened = !self.session.listeners.isEmpty
        self.session.listeners.endAll(Self.leaseEnded)
        if self.leftBehind.contains(.busy) {
            self.shutDown(
                PQError(
                    .connectionClosed,
                    "the connection was closed, since a query was still running on it when its lease ended"))
            return
        }
        self.session.closeHandlers.removeThoseOfLease()
        self.notices.handlers.removeThoseOfLease()
        self.session.leftBehind.remove(.observers)
        await self.rollback()
        if resets || listened {
            await self.resetAfterLease()
        } else {
            self.session.noteStatus()
        }
    }

    private func resetAfterLease() async {
        guard let handle else { return }
        // A cancellation that was meant for an earlier query and comes late must not end this one.
        self.source.beginWaits()
        do {
            try await self.reset(handle)
        } catch {
            self.shutDown(
                PQError(.connectionClosed, "the connection was closed, since its session could not be reset: \(error)"))
        }
    }

    /// Resets the session to the state that it had after the login.
    ///
    /// As `DISCARD ALL`: settings and the role are those of the login, channels are no longer listened to, temporary
    /// tables are dropped, session locks released and cursors closed. What this library prepared stays prepared.
    ///
    /// - Throws: ``PQError``, also where a transaction is open; `CancellationError`.
    public func resetSession() async throws {
        try await self.withTurn { handle in
            guard PQtransactionStatus(handle) == PQTRANS_IDLE else {
                throw PQError(
                    .unsupported, "a session can be reset outside of a transaction only; end the transaction first")
            }
            try await self.reset(handle)
        }
    }

    private func reset(_ handle: OpaquePointer) async throws {
        let isAll = self.session.leftBehind.contains(.statements)
        let script = isAll ? "\(Self.resetScript); DEALLOCATE ALL" : Self.resetScript
        guard PQsendQuery(handle, script) != 0 else { throw self.broken() }
        _ = try await self.receive(handle, query: nil, deadline: .now + .seconds(10))
        self.session.listeners.endAll(NotificationListeners.wasReset)
        self.session.leftBehind.subtract([.state, .statements])
        self.session.noteStatus()
    }

    /// `DISCARD ALL` without `DEALLOCATE ALL`, as one message, so that it takes one round trip.
    private static let resetScript = [
        "CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ROLE", "RESET ALL", "UNLISTEN *",
        "SELECT pg_catalog.pg_advisory_unlock_all()", "DISCARD TEMP", "DISCARD SEQUENCES",
    ].joined(separator: "; ")
}
