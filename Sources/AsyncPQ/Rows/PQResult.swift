//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The server's result for one query, in libpq's memory, read in place.
///
/// `@unchecked Sendable`: libpq documents a `PGresult` as read-only once made, so any thread may read it ("Behavior in
/// Threaded Programs"); the pointer never leaves this class and is freed once, when the class goes.
final class PQResult: @unchecked Sendable {
    let pointer: OpaquePointer
    let rowCount: Int32
    let columnCount: Int32
    /// The encoding that the session had when the result arrived, by libpq's number.
    private let encoding: Int32
    /// The number of the first row, counted from 0 over all parts of a streamed result.
    let firstRow: Int

    /// Takes ownership of the result.
    ///
    /// - Parameter handle: The connection that it came over, which knows the session's encoding.
    convenience init(owning pointer: OpaquePointer, from handle: OpaquePointer) {
        self.init(owning: pointer, encoding: PQclientEncoding(handle), firstRow: 0)
    }

    /// Takes ownership of a part of a result.
    ///
    /// - Parameter encoding: The session's encoding, by libpq's number.
    /// - Parameter firstRow: How many rows were in the parts before.
    init(owning pointer: OpaquePointer, encoding: Int32, firstRow: Int) {
        self.pointer = pointer
        self.rowCount = PQntuples(pointer)
        self.columnCount = PQnfields(pointer)
        self.encoding = encoding
        self.firstRow = firstRow
    }

    deinit { PQclear(self.pointer) }

    var status: ExecStatusType { PQresultStatus(self.pointer) }

    /// `INSERT 0 1`, `SELECT 5`, and so on.
    var commandTag: String { String(cString: PQcmdStatus(self.pointer)) }

    /// Whether the command dropped every prepared statement of the session.
    var endsPreparedStatements: Bool {
        guard let tag = PQcmdStatus(self.pointer), tag.pointee == CChar(UInt8(ascii: "D")) else { return false }
        let text = String(cString: tag)
        return text == "DISCARD ALL" || text == "DEALLOCATE ALL"
    }

    /// How many rows the command inserted, changed, deleted or returned.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(self.pointer))) ?? 0 }

    func columnName(_ column: Int32) -> String {
        PQfname(self.pointer, column).map { String(cString: $0) } ?? ""
    }

    func columnType(_ column: Int32) -> PQDataType { PQDataType(rawValue: PQftype(self.pointer, column)) }

    func columnFormat(_ column: Int32) -> PQFormat { PQfformat(self.pointer, column) == 0 ? .text : .binary }

    /// The first column whose name has the same bytes: the server distinguishes names that Unicode considers
    /// equivalent.
    func columnIndex(named name: String) -> Int32? {
        // PQfnumber would fold the case of the name, as SQL does for names without quotes.
        (0..<self.columnCount).first { column in
            guard let start = PQfname(self.pointer, column) else { return false }
            return name.utf8.elementsEqual(UnsafeRawBufferPointer(start: start, count: strlen(start)))
        }
    }

    /// The bytes of a cell, or nil for NULL.
    ///
    /// They live as long as this object.
    @inline(__always)
    func bytes(row: Int32, column: Int32) -> UnsafeRawBufferPointer? {
        // 0 for NULL too.
        let count = Int(PQgetlength(self.pointer, row, column))
        if count == 0, PQgetisnull(self.pointer, row, column) != 0 { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(self.pointer, row, column), count: count)
    }

    /// Reads a cell, naming the column in what it throws.
    @inline(__always)
    func decode<Value: PQDecodable>(_ type: Value.Type, row: Int32, column: Int32) throws(PQError) -> Value {
        do throws(PQDecodingFailure) {
            return try self.cell(type, row: row, column: column)
        } catch {
            throw self.decodingError(error, Value.self, row: row, column: column)
        }
    }

    /// Reads a cell.
    @inline(__always)
    func cell<Value: PQDecodable>(
        _ type: Value.Type, row: Int32, column: Int32
    ) throws(PQDecodingFailure) -> Value {
        guard let bytes = self.bytes(row: row, column: column) else { return try Value.pqDecodeNull() }
        guard self.encoding == SessionEncoding.utf8 || self.isReadable(bytes, column: column) else {
            throw PQDecodingFailure.invalidValue(SessionEncoding.reason(self.encoding))
        }
        return try Value(pqBytes: bytes, type: self.columnType(column), format: self.columnFormat(column))
    }

    /// Whether a cell means the same in UTF-8, although the session's encoding is another one.
    private func isReadable(_ bytes: UnsafeRawBufferPointer, column: Int32) -> Bool {
        self.columnFormat(column) == .binary && self.columnType(column).holdsNoText || bytes.allSatisfy { $0 < 0x80 }
    }

    /// The names of all columns, for an error.
    var columnList: String { (0..<self.columnCount).map { self.columnName($0) }.joined(separator: ", ") }

    /// The number of a row in the whole result.
    func number(ofRow row: Int32) -> Int { self.firstRow + Int(row) }

    func decodingError(_ failure: PQDecodingFailure, _ type: Any.Type, row: Int32, column: Int32) -> PQError {
        let place =
            "column \(column) \"\(self.columnName(column))\" (\(self.columnType(column))) of row "
            + "\(self.number(ofRow: row))"
        return PQError(.decodingFailed, "\(place) cannot be read as \(type): \(failure.reason(type))")
    }
}
