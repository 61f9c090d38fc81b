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
    /// Layout (pgvector source, `halfvec_send`): the number of dimensions and a field that is not used as 16-bit integers,
    /// then the numbers.
    ///
    /// - Throws: ``PQError`` for more dimensions than 32,767.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        guard let count = Int16(exactly: self.elements.count) else {
            throw PQError(.unsupported, "a halfvec parameter has \(self.elements.count) dimensions")
        }
        bytes.appendBigEndian(count)
        bytes.appendBigEndian(Int16(0))
        for element in self.elements { bytes.appendBigEndian(element.bitPattern) }
        return true
    }

    /// Reads `halfvec` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type.rawValue >= PQDataType.firstUserType, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let count = try reader.integer(Int16.self)
        guard count >= 0, try reader.integer(Int16.self) == 0, reader.remaining == Int(count) * 2 else {
            throw .typeMismatch
        }
        self.elements = []
        for _ in 0..<count { self.elements.append(Float16(bitPattern: try reader.integer())) }
    }
}

#endif
