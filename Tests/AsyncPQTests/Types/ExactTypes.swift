//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

/// Checks that the server shows a value as `text`, that what it reads from `text` is the value, and that both are one on the way back.
func expectExact<Value: PQEncodable & PQDecodable & Equatable>(
    _ value: Value, as type: String, text: String, on connection: PQConnection,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let rows = try await connection.query(
        """
        SELECT v, v::text, \(text)::text::\(unescaped: type) FROM (SELECT \(value)::\(unescaped: type) AS v) AS s
        """)
    let row = try #require(rows.first, sourceLocation: sourceLocation)
    let (back, shown, read) = try row.decode((Value, String, Value).self)
    #expect(back == value, "\(type) \(text) came back", sourceLocation: sourceLocation)
    #expect(shown == text, "\(type) as the server shows it", sourceLocation: sourceLocation)
    #expect(read == value, "\(type) as the server reads \(text)", sourceLocation: sourceLocation)
}

/// Decodes bytes that no server sent.
func decode<Value: PQDecodable>(_ value: Value.Type, _ bytes: [UInt8], as type: PQDataType) throws -> Value {
    try bytes.withUnsafeBytes { try Value(pqBytes: $0, type: type, format: .binary) }
}
