//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The rows of a COPY out of the database, as tuples.
///
/// ```swift
/// for try await (id, title) in connection.copyOut("SELECT id, title FROM notes", as: (Int64, String).self) { … }
/// ```
///
/// It behaves as ``PQCopyOut``, whose binary data it reads. A loop throws ``PQError`` with code
/// ``PQError/Code/decodingFailed`` for a value that does not fit, naming column and row.
public struct PQCopyRows<each Value: PQDecodable>: AsyncSequence, Sendable {
    /// A row.
    public typealias Element = (repeat each Value)

    let connection: PQConnection
    let query: PQQuery

    /// A loop over the rows.
    public func makeAsyncIterator() -> AsyncIterator {
        var columns = 0
        for _ in repeat (each Value).self { columns += 1 }
        return AsyncIterator(CopyRowReader(self.connection, self.query, columns: columns))
    }

    /// Reads the rows one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline let rows: CopyRowReader

        init(_ rows: CopyRowReader) { self.rows = rows }

        /// The next row; nil at the end.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> (repeat each Value)? {
            repeat {
                if let row = try self.nextAtHand() { return row }
            } while try await self.rows.load()
            return nil
        }

        /// The next row; nil at the end.
        @inlinable
        public nonisolated(nonsending) mutating func next() async throws -> (repeat each Value)? {
            repeat {
                if let row = try self.nextAtHand() { return row }
            } while try await self.rows.load()
            return nil
        }

        /// The next row of those that have arrived.
        @inlinable
        func nextAtHand() throws(PQError) -> (repeat each Value)? {
            guard try self.rows.advance() else { return nil }
            let row: (repeat each Value) = (repeat try self.rows.cell((each Value).self))
            return row
        }
    }
}

@available(*, unavailable)
extension PQCopyRows.AsyncIterator: Sendable {}

extension PQConnection {
    /// Copies the rows of a query out of the database, in binary form, as tuples.
    ///
    /// - Parameter query: A query, which can have no bound values.
    /// - Parameter type: As many types as the rows have columns.
    public nonisolated func copyOut<each Value: PQDecodable>(
        _ query: PQQuery, as type: (repeat each Value).Type
    ) -> PQCopyRows<repeat each Value> {
        PQCopyRows(connection: self, query: query)
    }
}
