//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What the binary form of an array begins with.
///
/// Layout (PostgreSQL source, `array_recv`): dimensions, whether there are NULLs, the element type, then for each dimension its length
/// and lower bound, then each element with its length.
struct ArrayHeader {
    /// The most dimensions that the server allows (PostgreSQL source, `MAXDIM`).
    static let dimensionLimit = 6

    /// The type of the elements.
    let element: PQDataType
    /// Length and lower bound of each dimension; empty for an array without elements.
    let dimensions: [(length: Int, lowerBound: Int32)]
    /// How many elements there are.
    let count: Int

    /// Reads the header.
    ///
    /// Only a column of an array type has one: the bytes of many other values, a UUID of zeros for one, look like an empty array.
    init(_ reader: inout BinaryReader, type: PQDataType) throws(PQDecodingFailure) {
        guard let dimensions = reader.bytes.bigEndian(at: 0, as: Int32.self),
            let hasNulls = reader.bytes.bigEndian(at: 4, as: Int32.self), hasNulls == 0 || hasNulls == 1,
            let element = reader.bytes.bigEndian(at: 8, as: UInt32.self),
            type.isArray(of: PQDataType(rawValue: element))
        else { throw .typeMismatch }
        _ = try reader.take(12)
        self.element = PQDataType(rawValue: element)
        guard (0...Int32(Self.dimensionLimit)).contains(dimensions) else {
            throw .invalidValue("an array of \(dimensions) dimensions")
        }
        var shape: [(length: Int, lowerBound: Int32)] = []
        var count = dimensions == 0 ? 0 : 1
        for _ in 0..<dimensions {
            let length = Int(try reader.integer(Int32.self))
            let lowerBound = try reader.integer(Int32.self)
            let (product, overflows) = count.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflows else { throw .invalidValue("an array with the length \(length)") }
            count = product
            shape.append((length, lowerBound))
        }
        // Each element has at least its length.
        guard count <= reader.remaining / 4 else { throw .invalidValue("cut off after \(reader.bytes.count) bytes") }
        // The server sends no dimensions where there are no elements; others could be of any length beside one of none.
        self.dimensions = count == 0 ? [] : shape
        self.count = count
    }

    /// Appends a header, and says where to note that there are NULLs.
    static func append(
        element: PQDataType, dimensions: [(length: Int, lowerBound: Int32)], to bytes: inout [UInt8]
    ) -> Int {
        bytes.appendBigEndian(Int32(clamping: dimensions.count))
        let nulls = bytes.count
        bytes.appendBigEndian(Int32(0))
        bytes.appendBigEndian(element.rawValue)
        for (length, lowerBound) in dimensions {
            // What is too long for these numbers is too long for a message, and is refused before it is sent.
            bytes.appendBigEndian(Int32(clamping: length))
            bytes.appendBigEndian(lowerBound)
        }
        return nulls
    }
}

extension BinaryReader {
    /// The next element of an array.
    mutating func element<Element: PQDecodable>(
        _ type: Element.Type, of header: ArrayHeader
    ) throws(PQDecodingFailure) -> Element {
        if let bytes = try self.field() { return try Element(pqBytes: bytes, type: header.element, format: .binary) }
        do throws(PQDecodingFailure) {
            return try Element.pqDecodeNull()
        } catch {
            throw error == .unexpectedNull ? .nullElement(type) : error
        }
    }
}
