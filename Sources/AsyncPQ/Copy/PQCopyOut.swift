//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// The data of a COPY out of the database, as chunks of bytes.
///
/// ```swift
/// for try await chunk in connection.copyOut(table: "notes", format: .csv) { file.write(chunk) }
/// ```
///
/// A chunk has one row or more and never a part of one, about 64 kB where the server is fast. The COPY begins with the
/// loop, and each loop runs it again. While the loop is busy with a chunk the server waits, and the connection runs nothing
/// else. A loop that is left early ends the COPY on the server, and the connection stays usable; in a transaction, the
/// transaction has failed then.
///
/// A loop throws ``PQError``, and `CancellationError` when its task is cancelled.
public struct PQCopyOut: AsyncSequence, Sendable {
    /// A chunk.
    public typealias Element = [UInt8]

    let connection: PQConnection
    /// The COPY, or why there can be none.
    let statement: Result<String, PQError>

    init(_ connection: PQConnection, _ statement: () throws(PQError) -> String) {
        self.connection = connection
        do throws(PQError) {
            self.statement = .success(try statement())
        } catch {
            self.statement = .failure(error)
        }
    }

    /// A loop over the data.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: CopyReader(self.connection, self.statement))
    }

    /// Reads the chunks one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: CopyReader

        /// The next chunk; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await self.reader.next()
        }

        /// The next chunk; nil at the end.
        public nonisolated(nonsending) mutating func next() async throws -> [UInt8]? { try await self.reader.next() }
    }
}

@available(*, unavailable)
extension PQCopyOut.AsyncIterator: Sendable {}

/// A COPY that is being read, by one task at a time.
final class CopyReader {
    private enum Phase {
        case waiting
        case copying(OpenCopy)
        case ended
    }

    private let connection: PQConnection
    private let statement: Result<String, PQError>
    private let hasText: Bool
    private var phase = Phase.waiting

    init(_ connection: PQConnection, _ statement: Result<String, PQError>, hasText: Bool = false) {
        self.connection = connection
        self.statement = statement
        self.hasText = hasText
    }

    deinit {
        guard case .copying(let copy) = self.phase else { return }
        copy.isAbandoned.store(true, ordering: .sequentiallyConsistent)
        // A deinitializer cannot wait, and no caller does. Queries that come next wait for their turn.
        Task.detached(executorPreference: self.connection.eventLoop) { [connection] in await connection.settle(copy) }
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        let copy: OpenCopy
        switch self.phase {
        case .ended: return nil
        case .copying(let current): copy = current
        case .waiting: copy = try await self.begin()
        }
        do {
            if let chunk = try await self.connection.nextCopyChunk(copy) { return chunk }
            self.phase = .ended
            return nil
        } catch {
            self.phase = .ended
            throw error
        }
    }

    private nonisolated(nonsending) func begin() async throws -> OpenCopy {
        self.phase = .ended
        let sql = try self.statement.get()
        let observation = self.connection.observe(sql)
        do {
            let copy = try await self.connection.beginCopy(sql, .toClient, observation, hasText: self.hasText)
            self.phase = .copying(copy)
            return copy
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }
}

extension PQConnection {
    /// Copies data out of the database.
    ///
    /// ```swift
    /// for try await chunk in connection.copyOut("COPY notes TO STDOUT WITH (FORMAT csv, HEADER)") { … }
    /// ```
    ///
    /// - Parameter statement: A `COPY … TO STDOUT`, which can have no bound values.
    public nonisolated func copyOut(_ statement: PQQuery) -> PQCopyOut {
        PQCopyOut(self) { () throws(PQError) in try CopyStatement.custom(statement, .toClient) }
    }

    /// Copies the rows of a query out of the database.
    ///
    /// - Parameter query: A query, which can have no bound values.
    /// - Parameter format: The format of the data.
    public nonisolated func copyOut(query: PQQuery, format: PQCopyFormat) -> PQCopyOut {
        PQCopyOut(self) { () throws(PQError) in try CopyStatement.toClient(query, format) }
    }

    /// Copies a table out of the database.
    ///
    /// - Parameter table: The table's name as it is, without quotes.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the data; all of them when empty.
    /// - Parameter format: The format of the data.
    public nonisolated func copyOut(
        table: String, schema: String? = nil, columns: [String] = [], format: PQCopyFormat
    ) -> PQCopyOut {
        PQCopyOut(self) { () throws(PQError) in
            try CopyStatement.toClient(table, schema: schema, columns, format)
        }
    }
}
