//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Array: PQEncodable where Element: PQEncodable {
    /// The array type of the elements, left to the server where there is no built-in one.
    public static var pqDataType: PQDataType { Element.pqArrayType }

    /// The same type, which has any number of dimensions.
    public static var pqArrayType: PQDataType { Self.pqDataType }

    /// Text for elements whose form is text and whose type is not simply `text`.
    public static var pqFormat: PQFormat {
        Element.pqFormat == .text && Element.pqArrayType != PQDataType.text.arrayType ? .text : .binary
    }

    /// Encodes as an array whose indices begin with 1; an array of arrays has as many dimensions.
    ///
    /// - Throws: ``PQError`` if the parts of an array of arrays differ in length, or there are more than six dimensions.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        switch Self.pqFormat {
        case .text:
            if Element.self is any EncodableArrayPart.Type {
                var shape: [Int] = []
                try self.measure(&shape, depth: 0)
                guard !shape.contains(0) else {
                    bytes.append(contentsOf: "{}".utf8)
                    return true
                }
            }
            try self.appendText(to: &bytes)
        case .binary: try self.encodeBinary(into: &bytes)
        }
        return true
    }

    private func encodeBinary(into bytes: inout [UInt8]) throws {
        let own: PQDataType = Element.pqDataType == .inferred ? .text : Element.pqDataType
        guard PQDataType.isBuiltInArray(own) else {
            try self.encodeBinary(into: &bytes, element: own, shape: [self.count])
            return
        }
        guard Element.self is any EncodableArrayPart.Type else {
            throw PQError(.unsupported, "an array of arrays that can be NULL (\(Self.self)) cannot be bound")
        }
        var shape: [Int] = []
        try self.measure(&shape, depth: 0)
        guard shape.count <= ArrayHeader.dimensionLimit else {
            throw PQError(
                .unsupported, "an array of \(shape.count) dimensions cannot be bound: PostgreSQL has at most six")
        }
        try self.encodeBinary(into: &bytes, element: Self.innermost.type, shape: shape)
    }

    private func encodeBinary(into bytes: inout [UInt8], element: PQDataType, shape: [Int]) throws {
        let isEmpty = shape.contains(0)
        let nulls = ArrayHeader.append(
            element: element, dimensions: isEmpty ? [] : shape.map { ($0, 1) }, to: &bytes)
        guard !isEmpty else { return }
        var isComplete = true
        if shape.count > 1 {
            isComplete = try self.appendElements(to: &bytes)
        } else {
            for value in self {
                let isPresent = try bytes.appendField { bytes in try value.pqEncode(into: &bytes) }
                isComplete = isPresent && isComplete
            }
        }
        if !isComplete { bytes.replaceBigEndian(1, at: nulls) }
    }

    /// Layout: PostgreSQL documentation, "Array Input and Output Syntax"; every element in quotes.
    func appendText(to bytes: inout [UInt8]) throws {
        bytes.append(UInt8(ascii: "{"))
        var element: [UInt8] = []
        for (index, value) in self.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if let part = value as? any EncodableArrayPart {
                try part.appendText(to: &bytes)
                continue
            }
            element.removeAll(keepingCapacity: true)
            guard try value.pqEncode(into: &element) else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in element {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension Array: PQDecodable where Element: PQDecodable {
    /// Reads an array in binary form with as many dimensions as the type has, `[[Int]]` two; an empty array has none.
    ///
    /// The lower bounds are not kept: see ``PQArray``.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let header = try ArrayHeader(&reader, type: type)
        if header.dimensions.isEmpty {
            self = []
        } else if header.dimensions.count == 1 {
            self = []
            self.reserveCapacity(header.count)
            do throws(PQDecodingFailure) {
                for _ in 0..<header.count { self.append(try reader.element(Element.self, of: header)) }
            } catch {
                throw Self.dimensions == 1 ? error : .invalidValue("an array of 1 dimension")
            }
        } else {
            guard header.dimensions.count == Self.dimensions else {
                throw .invalidValue("an array of \(header.dimensions.count) dimensions")
            }
            try self.init(&reader, header, depth: 0)
        }
        try reader.finish()
    }
}
