//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An array that can be a part of an array of more dimensions, `[[Int]]`.
protocol EncodableArrayPart {
    /// The type of the innermost elements, and their form.
    static var innermost: (type: PQDataType, format: PQFormat) { get }
    /// Adds the lengths of this array and of the parts in it to `shape`, from `depth` on.
    ///
    /// - Throws: ``PQError`` if another part at the same depth has another length.
    func measure(_ shape: inout [Int], depth: Int) throws
    /// Appends the elements in their order, each with its length, and says whether none is NULL.
    func appendElements(to bytes: inout [UInt8]) throws -> Bool
    /// Appends the text with braces.
    func appendText(to bytes: inout [UInt8]) throws
}

extension Array: EncodableArrayPart where Element: PQEncodable {
    static var innermost: (type: PQDataType, format: PQFormat) {
        if let part = Element.self as? any EncodableArrayPart.Type { return part.innermost }
        return (Element.pqDataType == .inferred ? .text : Element.pqDataType, Element.pqFormat)
    }

    func measure(_ shape: inout [Int], depth: Int) throws {
        if depth == shape.count { shape.append(self.count) }
        guard shape[depth] == self.count else {
            throw PQError(
                .unsupported,
                "an array of arrays (\(Self.self)) whose parts differ in length cannot be bound: PostgreSQL's are rectangular"
            )
        }
        for element in self {
            guard let part = element as? any EncodableArrayPart else { return }
            try part.measure(&shape, depth: depth + 1)
        }
    }

    func appendElements(to bytes: inout [UInt8]) throws -> Bool {
        var isComplete = true
        for element in self {
            if let part = element as? any EncodableArrayPart {
                isComplete = try part.appendElements(to: &bytes) && isComplete
            } else {
                let isPresent = try bytes.appendField { bytes in try element.pqEncode(into: &bytes) }
                isComplete = isPresent && isComplete
            }
        }
        return isComplete
    }
}

/// An array type that can be read as a part of an array of more dimensions.
protocol DecodableArrayPart {
    /// How many dimensions the type has: two for `[[Int]]`.
    static var dimensions: Int { get }
    /// Reads the elements of the dimensions from `depth` on.
    init(_ reader: inout BinaryReader, _ header: ArrayHeader, depth: Int) throws(PQDecodingFailure)
}

extension Array: DecodableArrayPart where Element: PQDecodable {
    static var dimensions: Int { 1 + ((Element.self as? any DecodableArrayPart.Type)?.dimensions ?? 0) }

    init(_ reader: inout BinaryReader, _ header: ArrayHeader, depth: Int) throws(PQDecodingFailure) {
        self = []
        let count = header.dimensions[depth].length
        guard depth + 1 < header.dimensions.count else {
            self.reserveCapacity(count)
            for _ in 0..<count { self.append(try reader.element(Element.self, of: header)) }
            return
        }
        guard let part = Element.self as? any DecodableArrayPart.Type else { throw .typeMismatch }
        for _ in 0..<count {
            guard let element = try part.init(&reader, header, depth: depth + 1) as? Element else {
                throw .typeMismatch
            }
            self.append(element)
        }
    }
}
