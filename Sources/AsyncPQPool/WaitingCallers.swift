//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// The callers in line for a connection, by their places there.
struct WaitingCallers {
    typealias ID = PoolStateMachine<PQConnection>.WaiterID
    typealias Lease = UnsafeContinuation<(ConnectionPool.Lease, check: Bool), any Error>

    /// A statement in line.
    private struct Statement {
        var statement: SharedStatement
        /// Whether the caller wants to know of its place on a connection before the statement is sent.
        var wantsPlace: Bool
    }

    /// A caller, who is resumed once.
    enum Caller {
        /// Wants a connection.
        case lease(WaitingCallers.Lease)
        /// Wants an answer to its statement, or a connection for it.
        case statement(SharedStatement.Caller)

        func resume(returning lease: ConnectionPool.Lease, check: Bool) {
            switch self {
            case .lease(let caller): caller.resume(returning: (lease, check: check))
            case .statement(let caller):
                caller.resume(returning: .lease(lease.connection, number: lease.id.number, check: check))
            }
        }

        func resume(throwing error: any Error) {
            switch self {
            case .lease(let caller): caller.resume(throwing: error)
            case .statement(let caller): caller.resume(returning: .failed(error))
            }
        }
    }

    private var leases: [ID: Lease] = [:]
    private var statements: [ID: Statement] = [:]

    var isEmpty: Bool { self.leases.isEmpty && self.statements.isEmpty }

    mutating func add(_ caller: Lease, _ id: ID) { self.leases[id] = caller }

    mutating func add(_ statement: SharedStatement, wantsPlace: Bool, _ id: ID) {
        self.statements[id] = Statement(statement: statement, wantsPlace: wantsPlace)
    }

    /// Removes and returns a caller.
    mutating func remove(_ id: ID) -> Caller? {
        if let lease = self.leases.removeValue(forKey: id) { return .lease(lease) }
        return self.statements.removeValue(forKey: id).map { .statement($0.statement.caller) }
    }

    /// Removes and returns callers who get a place on a shared connection: the statements to be sent, and the callers who
    /// send theirs themselves.
    mutating func removeSharers(
        _ ids: [ID], at now: ContinuousClock.Instant
    ) -> (statements: [SharedStatement], places: [SharedStatement.Caller]) {
        var sharers: (statements: [SharedStatement], places: [SharedStatement.Caller]) = ([], [])
        sharers.statements.reserveCapacity(ids.count)
        for id in ids {
            guard var found = self.statements.removeValue(forKey: id) else { continue }
            found.statement.begin = now
            if found.wantsPlace {
                sharers.places.append(found.statement.caller)
            } else {
                sharers.statements.append(found.statement)
            }
        }
        return sharers
    }
}
