//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging

/// Nested transactions, by savepoints.
extension PQConnection {
    nonisolated(nonsending) func withSavepoint<Value>(
        isolation: IsolationLevel?, readOnly: Bool, settings: [String: String],
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        let block = try await self.beginBlock(isolation, readOnly: readOnly, settings)
        let value: Value
        do {
            value = try await body(self)
        } catch {
            await self.rollback(to: block)
            throw error
        }
        try await self.release(block)
        return value
    }

    private func beginBlock(
        _ isolation: IsolationLevel?, readOnly: Bool, _ settings: [String: String]
    ) async throws -> TransactionBlocks.Block {
        if let endedLease { throw endedLease }
        guard self.handle != nil else { throw self.closedError }
        guard isolation == nil else {
            throw PQError(
                .unsupported,
                "a transaction within a transaction has the isolation level of the outer one: give it to the outermost withTransaction"
            )
        }
        var block = self.session.blocks.begin()
        do {
            _ = try await self.conclude("SAVEPOINT \(block.savepoint)")
        } catch {
            // There is none to go back to.
            _ = self.session.blocks.end(block)
            throw error
        }
        do {
            // Both end with the savepoint where it is rolled back; the server ends the latter when it is released as well.
            if !settings.isEmpty { block.before = try await self.exchange(settings) }
            if readOnly { _ = try await self.conclude("SET TRANSACTION READ ONLY") }
            return block
        } catch {
            await self.rollback(to: block)
            throw error
        }
    }

    /// Sets values for a block; returns the values to restore at its end.
    private func exchange(_ settings: [String: String]) async throws -> [(name: String, value: String?)] {
        let (names, values) = TransactionSettings.sorted(settings)
        let before = try await self.query(TransactionSettings.exchange(names, values)).map { row in
            (name: try row.decode(String.self, at: 0), value: try row.decode(String?.self, at: 1))
        }
        if let path = TransactionSettings.searchPath(settings) { self.useSearchPath(path) }
        return before.reversed()
    }

    /// Keeps the changes of a block, for the outer transaction to commit.
    private func release(_ block: TransactionBlocks.Block) async throws {
        await self.settleAbandonedReaders()
        do {
            guard self.session.blocks.isInnermost(block) else { throw Self.interleaved }
            switch self.transactionStatus {
            case .inTransaction: break
            case .inFailedTransaction:
                throw PQError(
                    .server, "the inner transaction was rolled back: a statement in it had failed",
                    server: PQServerError(
                        severity: "ERROR", sqlState: .inFailedSqlTransaction, message: "a statement had failed"))
            case .idle:
                throw PQError(
                    .unsupported, "the transaction was ended within an inner one; leave that to withTransaction")
            case .active: throw Self.interleaved
            case .unknown: throw self.closedError
            }
            if !block.before.isEmpty {
                try await self.query(TransactionSettings.restore(block.before.map(\.name), block.before.map(\.value)))
            }
            _ = try await self.conclude("RELEASE SAVEPOINT \(block.savepoint)")
        } catch {
            await self.rollback(to: block)
            throw error
        }
        self.end(block)
    }

    private func end(_ block: TransactionBlocks.Block) {
        let path = self.session.blocks.searchPath
        guard self.session.blocks.end(block), path != block.outerSearchPath else { return }
        self.session.statements.useSearchPath(block.outerSearchPath)
    }

    /// Undoes the changes since the beginning of a block, including those of inner blocks.
    ///
    /// Where that fails the server has the whole transaction fail, so that nothing of it can be committed. Also works
    /// in a cancelled task.
    private func rollback(to block: TransactionBlocks.Block) async {
        guard self.endedLease == nil else { return }
        await self.settleReaders()
        self.end(block)
        guard let handle else { return }
        switch self.transactionStatus {
        case .idle, .unknown: return
        case .active, .inTransaction, .inFailedTransaction: break
        }
        let sql = "ROLLBACK TO SAVEPOINT \(block.savepoint)"
        let observation = self.observe(sql)
        // A cancellation that was meant for an earlier query and comes late must not end this one.
        self.source.beginWaits()
        do {
            guard PQsendQuery(handle, "\(sql); RELEASE SAVEPOINT \(block.savepoint)") != 0 else { throw self.broken() }
            let result = try await self.receive(handle, query: nil, deadline: .now + .seconds(10))
            self.session.transactionFailure = nil
            observation?.ended(.success(PQRows(result: result)))
        } catch {
            observation?.ended(.failure(error))
            self.logger.debug("An inner transaction did not roll back", metadata: ["error": "\(error)"])
        }
        self.session.noteStatus()
    }
}
