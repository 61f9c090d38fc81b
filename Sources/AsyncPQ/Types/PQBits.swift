//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A string of bits: the types `bit` and `bit varying`.
public struct PQBits: Sendable, Hashable {
    /// The bits, eight a byte, the first one highest; the last byte is filled up with zeros.
    public let bytes: [UInt8]
    /// How many bits there are.
    public let count: Int

    /// The first `count` bits of the bytes, the others cleared; nil if there are fewer.
    public init?(bytes: [UInt8], count: Int) {
        guard count >= 0, count <= Int(Int32.max), bytes.count * 8 >= count else { return nil }
        var kept = Array(bytes.prefix((count + 7) / 8))
        if count % 8 != 0, let last = kept.indices.last { kept[last] &= ~(0xFF >> UInt8(count % 8)) }
        self.bytes = kept
        self.count = count
    }

    /// One bit a value.
    public init(_ bits: some Sequence<Bool>) {
        var bytes: [UInt8] = []
        var count = 0
        for bit in bits {
            if count % 8 == 0 { bytes.append(0) }
            if bit { bytes[count / 8] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
        self.bytes = bytes
        self.count = count
    }

    /// Reads `0` and `1`; nil for text with anything else.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }) else { return nil }
        self.init(text.utf8.lazy.map { $0 == UInt8(ascii: "1") })
    }

    /// The bits one by one.
    public var values: [Bool] { (0..<self.count).map { self.bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) != 0 } }
}

extension PQBits: CustomStringConvertible {
    /// As `psql` shows it: `1011`.
    public var description: String { String(decoding: self.values.map { UInt8(ascii: $0 ? "1" : "0") }, as: UTF8.self) }
}

extension PQBits: PQEncodable, PQDecodable {
    /// `bit varying`, which a column of type `bit` accepts if the lengths are equal.
    public static var pqDataType: PQDataType { .varbit }

    /// Encodes as `bit varying`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(Int32(clamping: self.count))
        bytes.append(contentsOf: self.bytes)
        return true
    }

    /// Reads `bit` and `bit varying` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .bit || type == .varbit, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let count = Int(try reader.integer(Int32.self))
        guard count >= 0, reader.remaining == (count + 7) / 8,
            let value = PQBits(bytes: Array(try reader.take(reader.remaining)), count: count)
        else { throw .invalidValue("\(bytes.count) bytes for \(count) bits") }
        self = value
    }
}
