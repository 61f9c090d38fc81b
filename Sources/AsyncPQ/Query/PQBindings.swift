//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The values bound to a query, encoded one after the other.
public struct PQBindings: Sendable {
    struct Parameter: Sendable {
        var type: PQDataType
        var format: PQFormat
        var offset: Int
        /// The length of the value in bytes; -1 for NULL.
        var length: Int
        /// Whether the text of the query casts the value, as in `$1::date`, so that its type does not depend on where
        /// it is used.
        var isCast = false
        /// The byte offset of its placeholder in the text of the query.
        var place = 0

        /// Whether the server infers its type from where it is used.
        var leavesType: Bool { self.type == .inferred && !self.isCast }
    }

    private(set) var parameters: [Parameter] = []
    private(set) var bytes: [UInt8] = []
    /// The first value that could not be encoded; thrown when the query is sent, since interpolation cannot throw.
    private(set) var failure: (any Error)?

    /// No values.
    public init() {}

    /// Whether the server infers the type of any of them from where it is used.
    var leavesTypes: Bool { self.parameters.contains(where: \.leavesType) }

    /// Records that the text casts the last value.
    mutating func noteCast() {
        guard let last = self.parameters.indices.last else { return }
        self.parameters[last].isCast = true
    }

    /// Records the offset of the last value's placeholder.
    mutating func notePlace(_ offset: Int) {
        guard let last = self.parameters.indices.last else { return }
        self.parameters[last].place = offset
    }

    /// How many values are bound.
    public var count: Int { self.parameters.count }

    /// Binds one more value, as the next of `$1`, `$2`, and so on.
    public mutating func append<Value: PQEncodable>(_ value: Value) {
        let offset = self.bytes.count
        do {
            let (type, isPresent) = try value.pqEncodeParameter(into: &self.bytes)
            let length = isPresent ? self.bytes.count - offset : -1
            // libpq wants each value of text form to end with a NUL of its own.
            if isPresent, Value.pqFormat == .text { self.bytes.append(0) }
            self.parameters.append(Parameter(type: type, format: Value.pqFormat, offset: offset, length: length))
        } catch {
            self.failure = self.failure ?? error
        }
    }

    /// Binds NULL as the next value; the server infers its type.
    public mutating func appendNull() {
        self.parameters.append(Parameter(type: .inferred, format: .text, offset: 0, length: -1))
    }
}
