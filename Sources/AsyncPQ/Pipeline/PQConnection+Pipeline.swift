//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

extension PQConnection {
    /// Runs several statements in one round trip, all or none.
    ///
    /// ```swift
    /// let results = try await connection.pipeline([
    ///     "INSERT INTO notes (title) VALUES (\(title)) RETURNING id",
    ///     "UPDATE counters SET notes = notes + 1 WHERE author = \(author)",
    /// ])
    /// ```
    ///
    /// The statements are sent one after the other without waiting for answers. Outside of a transaction they form one:
    /// where a statement fails, those before it are rolled back and those after it are not run. In a transaction a
    /// statement that fails ends the transaction, as always. Statements that the server refuses in a transaction, such
    /// as `VACUUM`, cannot be in a pipeline, and neither can COPY.
    ///
    /// Texts that the connection has prepared are run prepared; others are prepared under the same rule as in
    /// ``query(_:)``, within the same round trip.
    ///
    /// - Parameter queries: The statements, in the order in which they run. Any number of them: sending and receiving go
    ///   on at the same time, so neither side waits for the other.
    /// - Returns: The rows of each statement, in the same order.
    /// - Throws: The ``PQError`` of the statement that failed, with its ``PQError/statementIndex``; `CancellationError`
    ///   when the task was cancelled and nothing was done. Where the connection is lost, it is unknown whether all was
    ///   done or nothing.
    @discardableResult
    public func pipeline(_ queries: [PQQuery]) async throws -> [PQRows] {
        guard self.session.queryObserver != nil else { return try await self.atomicPipeline(queries) }
        let observations = queries.map { self.observe($0.sql) }
        do {
            let rows = try await self.atomicPipeline(queries)
            for (observation, rows) in zip(observations, rows) { observation?.ended(.success(rows)) }
            return rows
        } catch {
            for observation in observations { observation?.ended(.failure(error)) }
            throw error
        }
    }

    private func atomicPipeline(_ queries: [PQQuery]) async throws -> [PQRows] {
        try await self.withTurn { handle in
            for query in queries { try self.check(query) }
            guard !queries.isEmpty else { return [] }
            return try await self.runningAgain(queries) {
                var rows: [PQRows] = []
                rows.reserveCapacity(queries.count)
                var iterator = queries.makeIterator()
                try await self.runAtomically(on: handle, next: { iterator.next() }, receive: { rows.append($0) })
                guard rows.count == queries.count else { throw self.brokenByDisorder() }
                return rows
            }
        }
    }

    /// Runs one statement for each element of a collection, all or none.
    ///
    /// ```swift
    /// let inserted = try await connection.executeMany(notes) { note in
    ///     "INSERT INTO notes (id, title) VALUES (\(note.id), \(note.title))"
    /// }
    /// ```
    ///
    /// The statement is prepared once, and its values are sent without waiting for answers, as in ``pipeline(_:)``.
    /// Memory is needed for a piece of the elements at a time, however many there are. To load a table with very many
    /// rows, COPY is faster still.
    ///
    /// - Parameter elements: What to run the statement for.
    /// - Parameter statement: Makes the statement for an element. Keep its text the same, so that it is prepared once.
    ///   What it throws undoes the whole batch and is thrown from here.
    /// - Returns: How many rows were inserted, changed or deleted in all.
    /// - Throws: As ``pipeline(_:)``; what `statement` throws.
    @discardableResult
    public func executeMany<Elements: Collection>(
        _ elements: Elements, _ statement: (Elements.Element) throws -> PQQuery
    ) async throws -> Int {
        guard let first = try elements.first.map(statement) else { return 0 }
        let observation = self.observe(first.sql)
        do {
            let (count, last) = try await self.withTurn { handle in
                try await self.prepareAhead(first, on: handle)
                var count = 0
                var last: PQRows?
                var iterator = elements.makeIterator()
                try await self.runAtomically(
                    on: handle,
                    next: {
                        guard let element = iterator.next() else { return nil }
                        let query = try statement(element)
                        try self.check(query)
                        return query
                    },
                    receive: { rows in
                        count += rows.affectedRows
                        last = rows
                    })
                return (count, last)
            }
            if let last { observation?.ended(.success(last)) }
            return count
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    /// Prepares a statement with parameters whose types the server infers, unless those would not hold.
    ///
    /// Only a round trip tells which types they are; other statements are prepared within the pipeline.
    private func prepareAhead(_ query: PQQuery, on handle: OpaquePointer) async throws {
        try self.check(query)
        guard query.bindings.leavesTypes, try !self.mustBeParsed(query, on: handle) else { return }
        self.session.noteSchemaChanges()
        guard self.session.statements.preparedName(query) == nil else { return }
        let key = StatementCache.Key(query)
        // The batch counts as more than one use.
        _ = self.session.statements.use(key, mayPrepare: false)
        let mayPrepare = !self.session.statements.hasManyPending
        guard case .prepare(let name) = self.session.statements.use(key, mayPrepare: mayPrepare) else { return }
        let types = key.types.map(\.rawValue)
        guard PQsendPrepare(handle, name, query.sql, Int32(types.count), types) != 0 else { throw self.broken() }
        do {
            _ = try await self.receive(handle, query: query.sql)
        } catch var error as PQError {
            error.statementIndex = 0
            throw error
        }
        try self.requireOpen(handle)
        let changesSession = SessionText.changesSession(query.sql)
        self.session.statements.didPrepare(key, name: name, changesSession: changesSession)
        _ = try await self.mayKeep(query, key, preparedAs: name, on: handle)
        try self.requireOpen(handle)
    }

    /// Runs several statements in one round trip, each by itself.
    ///
    /// Each statement is a transaction of its own, unless one is open: a statement that fails leaves the others alone,
    /// and what succeeded stays. They run in the given order.
    ///
    /// A statement whose preparation no longer fits the schema is run again once, after the others.
    ///
    /// When the task is cancelled, no more statements are sent and those on the server are stopped; the outcomes say
    /// which were done. When the connection is lost, the outcomes say for which statements it is unknown.
    ///
    /// - Parameter queries: The statements.
    /// - Returns: What became of each statement, in the same order.
    /// - Throws: ``PQError`` where nothing could be sent; `CancellationError` when the task was cancelled before anything
    ///   was sent.
    public func pipeline(independent queries: [PQQuery]) async throws -> [PQPipelineOutcome] {
        let observations = queries.map { self.observe($0.sql) }
        do {
            let outcomes = try await self.withTurn { handle in
                for query in queries { try self.check(query) }
                return try await self.runIndependently(queries, on: handle)
            }
            for (observation, outcome) in zip(observations, outcomes) {
                observation?.ended(Result { try outcome.get() })
            }
            return outcomes
        } catch {
            for observation in observations { observation?.ended(.failure(error)) }
            throw error
        }
    }

    /// Runs an atomic batch once more where a statement had become stale, and nothing of the batch remains.
    private func runningAgain<Value>(_ queries: [PQQuery], _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PQError {
            guard let index = error.statementIndex, queries.indices.contains(index),
                self.canRunAgain(queries[index], after: error), !queries.contains(where: \.mayCommit)
            else { throw error }
            return try await body()
        }
    }
}

extension PQQuery {
    /// Whether the statement may end a transaction, so that what came before it may remain although it fails.
    fileprivate var mayCommit: Bool {
        let first = self.sql.utf8.drop { !SessionText.isLetter($0) }.prefix { SessionText.isLetter($0) }
        switch String(decoding: first, as: UTF8.self).lowercased() {
        case "select", "insert", "update", "delete", "merge", "values", "table", "with", "show", "set", "create",
            "alter", "drop", "truncate", "lock", "explain":
            return false
        default: return true
        }
    }
}
