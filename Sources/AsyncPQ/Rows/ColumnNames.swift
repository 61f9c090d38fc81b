//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the column for a property.
enum ColumnNames {
    /// The first column of that name; otherwise the only one whose name differs in underscores and the case of letters.
    ///
    /// - Throws: ``PQError`` where there are several of the latter.
    static func find(_ property: String, in result: PQResult) throws(PQError) -> Int32? {
        if let exact = result.columnIndex(named: property) { return exact }
        let folded = Self.fold(property.utf8)
        let similar = (0..<result.columnCount).filter { Self.fold(result.columnName($0).utf8) == folded }
        guard similar.count <= 1 else {
            let names = similar.map { "\"\(result.columnName($0))\"" }.joined(separator: " and ")
            throw PQError(
                .decodingFailed,
                "the property \"\(property)\" could be read from the columns \(names); give one of them the property's name, "
                    + "with AS")
        }
        return similar.first
    }

    /// Without underscores, and ASCII letters in lower case: `created_at`, `createdAt` and `CreatedAt` are one.
    private static func fold(_ name: String.UTF8View) -> [UInt8] {
        name.compactMap { byte in
            switch byte {
            case UInt8(ascii: "_"): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }
}
