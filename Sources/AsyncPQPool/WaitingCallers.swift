//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// The callers in line for a connection, by their places there.
struct WaitingCallers {
    typealias ID = PoolStateMachine<PQConnection>.WaiterID
    typealias Lease = UnsafeContinuation<(ConnectionPool.Lease, check: Bool), any Error>

    /// A caller, who is resumed once.
    enum Caller {
        /// Wants a connection.
        case lease(WaitingCallers.Lease)
        /// Wants an answer to its statement, or a connection for it.
        case statement(SharedStatement)

        func resume(returning lease: ConnectionPool.Lease, check: Bool) {
            switch self {
            case .lease(let caller): caller.resume(returning: (lease, check: check))
            case .statement(let statement):
                statement.answer(
                    .lease(lease.connection, number: lease.id.number, check: check))
            }
        }

        func resume(throwing error: any Error) {
            switch self {
            case .lease(let caller): caller.resume(throwing: error)
            case .statement(let statement): statement.answer(.failed(error))
            }
        }
    }

    private var leases: [ID: Lease] = [:]
    private var statements: [ID: SharedStatement] = [:]

    var isEmpty: Bool { self.leases.isEmpty && self.statements.isEmpty }

    mutating func add(_ caller: Lease, _ id: ID) { self.leases[id] = caller }

    mutating func add(_ statement: SharedStatement, _ id: ID) { self.statements[id] = statement }

    /// Removes and returns a caller.
    mutating func remove(_ id: ID) -> Caller? {
        if let lease = self.leases.removeValue(forKey: id) { return .lease(lease) }
        return self.statements.removeValue(forKey: id).map { .statement($0) }
    }

    /// Removes and returns the statements of callers who get a place on a shared connection.
    mutating func removeSharers(_ ids: [ID], at now: ContinuousClock.Instant) -> [SharedStatement] {
        ids.compactMap { id in
            let statement = self.statements.removeValue(forKey: id)
            statement?.begin = now
            return statement
        }
    }
}
