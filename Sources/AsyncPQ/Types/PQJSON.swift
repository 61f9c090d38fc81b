//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A `Codable` value that is stored as `json` or `jsonb`.
///
/// ```swift
/// try await connection.query("INSERT INTO events (body) VALUES (\(PQJSON(event)))")
/// let event = try row.decode(PQJSON<Event>.self, named: "body").value
/// ```
public struct PQJSON<Value: Codable & Sendable>: PQEncodable, PQDecodable {
    /// The value itself.
    public var value: Value

    /// Wraps a value.
    public init(_ value: Value) { self.value = value }

    /// Left to the server, so that it fits `json` and `jsonb` alike.
    public static var pqDataType: PQDataType { .inferred }

    /// Text.
    public static var pqFormat: PQFormat { .text }

    /// Left to the server too: `json[]` or `jsonb[]`.
    public static var pqArrayType: PQDataType { .inferred }

    /// Encodes with `JSONEncoder`.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        bytes.append(contentsOf: try JSONEncoder().encode(self.value))
        return true
    }

    /// Reads `json`, `jsonb` and `text` with `JSONDecoder`.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard [.json, .jsonb, .text].contains(type) else { throw .typeMismatch }
        var content = bytes[...]
        if type == .jsonb, format == .binary {
            guard content.popFirst() == 1 else { throw .invalidValue("jsonb of an unknown version") }
        }
        do {
            self.value = try JSONDecoder().decode(Value.self, from: Data(content))
        } catch {
            // The decoder's own error quotes the document.
            throw .invalidValue("JSON that is not a \(Value.self)")
        }
    }
}

extension PQJSON: Equatable where Value: Equatable {}
extension PQJSON: Hashable where Value: Hashable {}
