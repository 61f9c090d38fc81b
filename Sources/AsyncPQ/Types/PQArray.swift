//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An array with its dimensions and lower bounds, exactly as the server has it.
///
/// Swift's own arrays can be bound and read too; they lose the lower bounds, which are 1 almost always.
public struct PQArray<Element: Sendable>: Sendable {
    /// A dimension.
    public struct Dimension: Sendable, Hashable {
        /// How many elements it has.
        public var length: Int
        /// The index of its first element.
        public var lowerBound: Int32

        /// A dimension; the server counts from 1 if not told otherwise.
        public init(length: Int, lowerBound: Int32 = 1) {
            self.length = length
            self.lowerBound = lowerBound
        }
    }

    /// All elements, those of the last dimension side by side.
    public let elements: [Element]
    /// At most six dimensions; none for an array without elements.
    public let dimensions: [Dimension]

    /// An array of one dimension.
    public init(_ elements: [Element], lowerBound: Int32 = 1) {
        self.elements = elements
        self.dimensions = elements.isEmpty ? [] : [Dimension(length: elements.count, lowerBound: lowerBound)]
    }

    /// An array of any number of dimensions; nil if their lengths do not multiply to the number of elements, or there are more
    /// than six.
    public init?(_ elements: [Element], dimensions: [Dimension]) {
        var count = dimensions.isEmpty ? 0 : 1
        for dimension in dimensions {
            let (product, overflows) = count.multipliedReportingOverflow(by: dimension.length)
            guard dimension.length > 0, !overflows else { return nil }
            count = product
        }
        guard count == elements.count, dimensions.count <= ArrayHeader.dimensionLimit else { return nil }
        self.elements = elements
        self.dimensions = dimensions
    }
}

extension PQArray: Equatable where Element: Equatable {}
extension PQArray: Hashable where Element: Hashable {}

extension PQArray: PQEncodable where Element: PQEncodable {
    /// The array type of the elements, left to the server where there is no built-in one.
    public static var pqDataType: PQDataType { Element.pqArrayType }

    /// Encodes in binary form.
    ///
    /// - Throws: ``PQError`` for elements that have no binary form and are not simply text.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        let element: PQDataType = Element.pqDataType == .inferred ? .text : Element.pqDataType
        guard [Element].pqFormat == .binary, !PQDataType.isBuiltInArray(element) else {
            throw PQError(.unsupported, "a PQArray of \(Element.self) cannot be bound")
        }
        let nulls = ArrayHeader.append(
            element: element, dimensions: self.dimensions.map { ($0.length, $0.lowerBound) }, to: &bytes)
        var isComplete = true
        for value in self.elements {
            let isPresent = try bytes.appendField { bytes in try value.pqEncode(into: &bytes) }
            isComplete = isPresent && isComplete
        }
        if !isComplete { bytes.replaceBigEndian(1, at: nulls) }
        return true
    }
}

extension PQArray: PQDecodable where Element: PQDecodable {
    /// Reads an array in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let header = try ArrayHeader(&reader, type: type)
        var elements: [Element] = []
        elements.reserveCapacity(header.count)
        for _ in 0..<header.count { elements.append(try reader.element(Element.self, of: header)) }
        try reader.finish()
        self.elements = elements
        self.dimensions = header.dimensions.map { Dimension(length: $0.length, lowerBound: $0.lowerBound) }
    }
}
