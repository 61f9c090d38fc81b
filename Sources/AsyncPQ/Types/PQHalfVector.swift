//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Swift has no Float16 for macOS on Intel.
#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))

/// A vector of numbers with half precision, of the extension pgvector: the type `halfvec`.
public struct PQHalfVector: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// One number a dimension.
    ///
    /// The extension holds 1 to 16,000, all of them finite, and refuses others.
    public var elements: [Float16]

    /// A vector of these numbers.
    public init(_ elements: [Float16]) { self.elements = elements }

    /// A vector of these numbers.
    public init(arrayLiteral elements: Float16...) { self.elements = elements }
}

extension PQHalfVector: PQEncodable, PQDecodable {
    /// Left to the server, since the types of extensions have other identifiers in each database.
    public static var pqDataType: PQDataType { .inferred }

    /// Left to the server too: `halfvec[]`.
    public static var pqArrayType: PQDataType { .inferred }

    /// Encodes as `halfvec`.
    ///
    /// - Throws: ``PQError`` for more dimensions than 32,767.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        try VectorLayout.append(self.elements.lazy.map(\.bitPattern), name: "halfvec", to: &bytes)
        return true
    }

    /// Reads `halfvec` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let numbers = try VectorLayout.read(bytes, type: type, format: format, as: UInt16.self)
        self.elements = numbers.map(Float16.init(bitPattern:))
    }
}

#endif
