//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// The rows of a statement as they arrive, for `for try await`.
///
/// See ``PQConnection/stream(_:format:)``.
public struct PQRowStream: AsyncSequence, Sendable {
    /// One row.
    public typealias Element = PQRow
    /// ``PQError`` or `CancellationError`.
    public typealias Failure = any Error

    let connection: PQConnection
    let query: PQQuery
    let format: PQFormat

    /// Creates an iterator, which sends the statement when the first row is asked for.
    public func makeAsyncIterator() -> AsyncIterator {
        let stream = OpenStream(self.query, format: self.format, arrears: .dropped)
        return AsyncIterator(reader: StreamReader(self.connection, stream))
    }

    /// Reads the rows in order.
    ///
    /// When it is released before the end, the statement is stopped on the server.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let reader: StreamReader
        private var part: PQResult?
        private var next: Int32 = 0
        private var end: Int32 = 0

        fileprivate init(reader: StreamReader) { self.reader = reader }

        /// The next row; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> PQRow? {
            if let row = self.nextAtHand() { return row }
            self.part = nil
            guard let part = try await self.reader.nextPart() else { return nil }
            self.part = part.result
            self.next = 1
            self.end = part.result.rowCount
            return PQRow(result: part.result, row: 0)
        }

        /// The next row of those that were handed over.
        @usableFromInline
        mutating func nextAtHand() -> PQRow? {
            guard let part, self.next < self.end else { return nil }
            defer { self.next += 1 }
            return PQRow(result: part, row: self.next)
        }
    }
}

/// The reading end of a stream, whose release ends the stream.
private final class StreamReader {
    private let connection: PQConnection
    private let stream: OpenStream

    init(_ connection: PQConnection, _ stream: OpenStream) {
        self.connection = connection
        self.stream = stream
    }

    nonisolated(nonsending) func nextPart() async throws -> PQRows? {
        try await self.connection.nextPart(of: self.stream)
    }

    deinit {
        self.stream.isAbandoned.store(true, ordering: .sequentiallyConsistent)
        guard self.stream.isOpen.load(ordering: .sequentiallyConsistent) else { return }
        // A deinitializer cannot wait, and no caller does. Queries that come next wait for their turn.
        Task.detached(executorPreference: self.connection.eventLoop) { [connection, stream] in
            await connection.settle(stream)
        }
    }
}

extension PQRowStream {
    /// Reads each row as a tuple, column by column.
    ///
    /// - Parameter type: As many types as the result has columns.
    @inlinable
    public func decode<each Value: PQDecodable>(
        _ type: (repeat each Value).Type
    ) -> PQDecodedRows<(repeat each Value)> {
        PQDecodedRows(rows: self) { { row in try row.decode(type) } }
    }

    /// Reads each row as a `Decodable` type, each property from the column of its name, as a single row is read.
    @_disfavoredOverload
    public func decode<Value: Decodable & SendableMetatype>(_ type: Value.Type) -> PQDecodedRows<Value> {
        PQDecodedRows(rows: self) {
            var reader = RowReader<Value>()
            return { row in try reader.read(row) }
        }
    }

    /// Reads all rows into memory.
    public func collect() async throws -> [PQRow] {
        var rows: [PQRow] = []
        for try await row in self { rows.append(row) }
        return rows
    }
}

/// The rows of a statement as they arrive, decoded.
public struct PQDecodedRows<Element>: AsyncSequence, Sendable {
    /// ``PQError`` or `CancellationError`.
    public typealias Failure = any Error

    @usableFromInline let rows: PQRowStream
    @usableFromInline let makeDecoding: @Sendable () -> (PQRow) throws -> Element

    @usableFromInline
    init(rows: PQRowStream, makeDecoding: @escaping @Sendable () -> (PQRow) throws -> Element) {
        self.rows = rows
        self.makeDecoding = makeDecoding
    }

    /// Creates an iterator, which sends the statement when the first row is asked for.
    @inlinable
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(rows: self.rows.makeAsyncIterator(), decode: self.makeDecoding())
    }

    /// Reads and decodes the rows in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline var rows: PQRowStream.AsyncIterator
        @usableFromInline let decode: (PQRow) throws -> Element

        @usableFromInline
        init(rows: PQRowStream.AsyncIterator, decode: @escaping (PQRow) throws -> Element) {
            self.rows = rows
            self.decode = decode
        }

        /// The next row, decoded; nil at the end.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            if let row = self.rows.nextAtHand() { return try self.decode(row) }
            guard let row = try await self.rows.next(isolation: actor) else { return nil }
            return try self.decode(row)
        }
    }

    /// Reads all rows into memory.
    public func collect() async throws -> [Element] {
        var values: [Element] = []
        for try await value in self { values.append(value) }
        return values
    }
}
