//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// Runs `body` while this session holds an advisory lock, and waits for the lock first.
    ///
    /// ```swift
    /// try await connection.withAdvisoryLock("nightly report") { connection in … }
    /// ```
    ///
    /// The lock is released when `body` returns or throws, also in a cancelled task. Where it cannot be released, the
    /// connection is closed, which releases it: so take it outside of a transaction, or use
    /// ``lockForTransaction(_:mode:)``. The setting `lock_timeout` limits the wait. A lock of a session does not work
    /// through a pooler that changes the session with each transaction.
    ///
    /// - Parameter key: The key of the lock. A session that holds the lock can take it again.
    /// - Parameter mode: The mode of the lock.
    /// - Parameter body: Gets this connection.
    /// - Throws: What `body` throws; ``PQError``, also when `body` itself has released the lock; `CancellationError` when
    ///   the task is cancelled while it waits for the lock.
    public nonisolated(nonsending) func withAdvisoryLock<Value>(
        _ key: PQAdvisoryLockKey, mode: PQAdvisoryLockMode = .exclusive, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        try await self.query(key.call(mode.isShared ? "pg_advisory_lock_shared" : "pg_advisory_lock"))
        return try await self.holding(key, mode, body)
    }

    /// Runs `body` while this session holds an advisory lock, or returns nil at once where another session holds it.
    ///
    /// - Parameter key: The key of the lock.
    /// - Parameter mode: The mode of the lock.
    /// - Parameter body: Gets this connection.
    /// - Returns: What `body` returns; nil when it did not run.
    /// - Throws: As ``withAdvisoryLock(_:mode:_:)``.
    public nonisolated(nonsending) func withAdvisoryLockIfFree<Value>(
        _ key: PQAdvisoryLockKey, mode: PQAdvisoryLockMode = .exclusive, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value? {
        let call = key.call(mode.isShared ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock")
        guard try await self.answer(call) else { return nil }
        return try await self.holding(key, mode, body)
    }

    /// Takes an advisory lock that the end of the transaction releases, and waits for it.
    ///
    /// - Parameter key: The key of the lock.
    /// - Parameter mode: The mode of the lock.
    /// - Throws: ``PQError``, also outside of a transaction; `CancellationError`.
    public nonisolated(nonsending) func lockForTransaction(
        _ key: PQAdvisoryLockKey, mode: PQAdvisoryLockMode = .exclusive
    ) async throws {
        try await self.requireTransaction()
        try await self.query(key.call(mode.isShared ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock"))
    }

    /// Takes an advisory lock that the end of the transaction releases, unless another session holds it.
    ///
    /// - Parameter key: The key of the lock.
    /// - Parameter mode: The mode of the lock.
    /// - Returns: Whether the lock is held now.
    /// - Throws: As ``lockForTransaction(_:mode:)``.
    public nonisolated(nonsending) func tryLockForTransaction(
        _ key: PQAdvisoryLockKey, mode: PQAdvisoryLockMode = .exclusive
    ) async throws -> Bool {
        try await self.requireTransaction()
        return try await self.answer(
            key.call(mode.isShared ? "pg_try_advisory_xact_lock_shared" : "pg_try_advisory_xact_lock"))
    }

    private nonisolated(nonsending) func answer(_ call: PQQuery) async throws -> Bool {
        try await self.query(call).first?.decode(Bool.self, at: 0) ?? false
    }

    private func requireTransaction() throws(PQError) {
        switch self.transactionStatus {
        case .inTransaction, .inFailedTransaction, .active, .unknown: return
        case .idle:
            throw PQError(
                .unsupported,
                "a lock for the transaction would be released at once: there is none; use withTransaction or withAdvisoryLock"
            )
        }
    }

    private nonisolated(nonsending) func holding<Value>(
        _ key: PQAdvisoryLockKey, _ mode: PQAdvisoryLockMode, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        let result: Value
        do {
            result = try await body(self)
        } catch {
            try? await self.unlock(key, mode)
            throw error
        }
        try await self.unlock(key, mode)
        return result
    }

    /// Releases a lock, also in a cancelled task; closes the connection where that fails.
    private nonisolated(nonsending) func unlock(_ key: PQAdvisoryLockKey, _ mode: PQAdvisoryLockMode) async throws {
        let call = key.call(mode.isShared ? "pg_advisory_unlock_shared" : "pg_advisory_unlock")
        // A task of its own is not cancelled with the caller's.
        try await Task { try await self.unlock(key, call) }.value
    }

    private func unlock(_ key: PQAdvisoryLockKey, _ call: PQQuery) async throws {
        do {
            guard try await self.answer(call) else {
                throw PQError(
                    .unsupported,
                    "the advisory lock \(key) was released before the closure that it was held for had returned")
            }
        } catch let error as PQError where error.code == .leaseEnded {
            // The pool has reset the session or closed it.
            throw error
        } catch {
            self.shutDown(
                PQError(
                    .connectionClosed, "the connection was closed, since an advisory lock was not released: \(error)"))
            throw error
        }
    }
}

extension PQAdvisoryLockMode {
    fileprivate var isShared: Bool {
        switch self {
        case .exclusive: false
        case .shared: true
        }
    }
}
