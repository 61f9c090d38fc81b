//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A vector of the extension pgvector: the type `vector`.
public struct PQVector: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// One number a dimension.
    ///
    /// The extension holds 1 to 16,000, all of them finite, and refuses others.
    public var elements: [Float]

    /// A vector of these numbers.
    public init(_ elements: [Float]) { self.elements = elements }

    /// A vector of these numbers.
    public init(arrayLiteral elements: Float...) { self.elements = elements }
}

extension PQVector: PQEncodable, PQDecodable {
    /// Left to the server, since the types of extensions have other identifiers in each database.
    public static var pqDataType: PQDataType { .inferred }

    /// Left to the server too: `vector[]`.
    public static var pqArrayType: PQDataType { .inferred }

    /// Encodes as `vector`.
    ///
    /// - Throws: ``PQError`` for more dimensions than 32,767.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        try VectorLayout.append(self.elements.lazy.map(\.bitPattern), name: "vector", to: &bytes)
        return true
    }

    /// Reads `vector` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let numbers = try VectorLayout.read(bytes, type: type, format: format, as: UInt32.self)
        self.elements = numbers.map(Float.init(bitPattern:))
    }
}
