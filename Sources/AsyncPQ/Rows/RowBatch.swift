//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// Rows that arrive one by one, gathered in one result.
///
/// In single-row mode libpq makes a result of several kilobytes for each row. Here the values are copied into one result,
/// so that a batch occupies little more than its values, and is handed over at once.
struct RowBatch: ~Copyable {
    /// A batch has at most so many rows.
    private static let rowLimit: Int32 = 1024
    /// A batch that has so many bytes gets no more rows.
    private static let sizeLimit = 64 * 1024
    /// A row whose result occupies more is handed over as it came instead of being copied.
    private static let largestCopy = 16 * 1024

    private var gathered: OpaquePointer?
    private var rowCount: Int32 = 0
    private var size = 0
    /// A row of its own, which follows those gathered.
    private var single: OpaquePointer?
    /// How many rows were taken.
    private var taken = 0
    private var encoding: Int32 = 0

    deinit {
        PQclear(self.gathered)
        PQclear(self.single)
    }

    var isEmpty: Bool { self.gathered == nil && self.single == nil }

    /// Whether the batch has to be taken before the next row is added.
    var isFull: Bool { self.single != nil || self.rowCount >= Self.rowLimit || self.size >= Self.sizeLimit }

    /// Adds a row and takes ownership of it.
    ///
    /// - Parameter encoding: The session's encoding, by libpq's number.
    /// - Throws: ``PQError`` where there is no memory for the row.
    mutating func add(_ row: OpaquePointer, encoding: Int32) throws(PQError) {
        self.encoding = encoding
        let columns = PQnfields(row)
        guard columns > 0, PQresultMemorySize(row) <= Self.largestCopy else {
            self.single = row
            return
        }
        defer { PQclear(row) }
        guard let gathered = self.gathered ?? PQcopyResult(row, PG_COPYRES_ATTRS) else { throw Self.noMemory }
        self.gathered = gathered
        var size = 0
        for column in 0..<columns {
            // 0 for NULL too.
            var length = PQgetlength(row, 0, column)
            if length == 0, PQgetisnull(row, 0, column) != 0 { length = -1 }
            guard PQsetvalue(gathered, self.rowCount, column, PQgetvalue(row, 0, column), length) != 0 else {
                throw Self.noMemory
            }
            size += Int(length) + 16
        }
        self.rowCount += 1
        self.size += size
    }

    /// Removes and returns the rows so far; nil if there are none.
    mutating func take() -> PQResult? {
        let pointer: OpaquePointer?
        if self.gathered != nil {
            pointer = self.gathered
            self.gathered = nil
            self.rowCount = 0
            self.size = 0
        } else {
            pointer = self.single
            self.single = nil
        }
        guard let pointer else { return nil }
        let result = PQResult(owning: pointer, encoding: self.encoding, firstRow: self.taken)
        self.taken += Int(result.rowCount)
        return result
    }

    private static var noMemory: PQError { PQError(.system, "libpq had no memory for a row") }
}
