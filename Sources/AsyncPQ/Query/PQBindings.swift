//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The values bound to a query, encoded one after the other.
public struct PQBindings: Sendable {
    struct Parameter: Sendable {
        var type: PQDataType
        var format: PQFormat
        var offset: Int
        /// -1 for NULL.
        var length: Int
    }

    private(set) var parameters: [Parameter] = []
    private(set) var bytes: [UInt8] = []
    /// The first value that could not be encoded; thrown when the query is sent, since interpolation cannot throw.
    private(set) var failure: (any Error)?

    /// No values.
    public init() {}

    /// How many values are bound.
    public var count: Int { self.parameters.count }

    /// Binds one more value, as the next of `$1`, `$2`, and so on.
    public mutating func append<Value: PQEncodable>(_ value: Value) {
        let offset = self.bytes.count
        do {
            let isPresent = try value.pqEncode(into: &self.bytes)
            if isPresent {
                // libpq wants each value of text form to end with a NUL of its own.
                if Value.pqFormat == .text { self.bytes.append(0) }
                let length = self.bytes.count - offset - (Value.pqFormat == .text ? 1 : 0)
                self.append(Value.self, offset: offset, length: length)
            } else {
                self.append(Value.self, offset: offset, length: -1)
            }
        } catch {
            self.failure = self.failure ?? error
        }
    }

    private mutating func append<Value: PQEncodable>(_ type: Value.Type, offset: Int, length: Int) {
        self.parameters.append(
            Parameter(type: Value.pqDataType, format: Value.pqFormat, offset: offset, length: length))
    }

    /// Binds NULL as the next value, its type left to the server.
    public mutating func appendNull() {
        self.parameters.append(Parameter(type: .inferred, format: .text, offset: 0, length: -1))
    }
}
