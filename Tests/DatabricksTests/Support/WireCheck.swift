//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

/// Resources as JSON, and back.
enum WireCheck {
    static func decode<T: Decodable>(_ type: T.Type = T.self, _ json: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    static func encode(_ value: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    /// Reads a resource, writes it, and expects the same JSON.
    static func roundTrip<T: Codable & Equatable>(
        _ type: T.Type, _ json: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> T {
        let value = try self.decode(type, json)
        let written = try self.encode(value)
        let original = try self.decode(JSONValue.self, json)
        #expect(written == original, sourceLocation: sourceLocation)
        let again = try JSONDecoder().decode(type, from: JSONEncoder().encode(value))
        #expect(again == value, sourceLocation: sourceLocation)
        return value
    }
}
