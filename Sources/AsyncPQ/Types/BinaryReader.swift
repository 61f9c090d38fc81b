//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Reads the fields of a binary value one after the other, and never past its end.
struct BinaryReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// How many bytes are left.
    var remaining: Int { self.bytes.count - self.offset }

    /// The next integer in network byte order.
    mutating func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Integer.self
    ) throws(PQDecodingFailure) -> Integer {
        guard let value = self.bytes.bigEndian(at: self.offset, as: type) else { throw self.cutOff }
        self.offset += MemoryLayout<Integer>.size
        return value
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws(PQDecodingFailure) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= self.remaining else { throw self.cutOff }
        defer { self.offset += count }
        return UnsafeRawBufferPointer(rebasing: self.bytes[self.offset..<self.offset + count])
    }

    /// The next field that has its length before it, or nil for NULL, whose length is -1.
    mutating func field() throws(PQDecodingFailure) -> UnsafeRawBufferPointer? {
        let length = try self.integer(Int32.self)
        return length == -1 ? nil : try self.take(Int(length))
    }

    /// Refuses bytes after the last field.
    func finish() throws(PQDecodingFailure) {
        guard self.remaining == 0 else { throw .invalidValue("\(self.remaining) bytes longer than its fields") }
    }

    private var cutOff: PQDecodingFailure { .invalidValue("cut off after \(self.bytes.count) bytes") }
}

extension Array where Element == UInt8 {
    /// Overwrites four bytes with an integer in network byte order.
    mutating func replaceBigEndian(_ value: Int32, at offset: Int) {
        Swift.withUnsafeBytes(of: value.bigEndian) { source in
            for index in 0..<4 { self[offset + index] = source[index] }
        }
    }

    /// Appends a value with its length before it; -1 alone for NULL.
    ///
    /// A length that the field cannot hold is longer than a message can be, and is refused before it is sent.
    ///
    /// - Returns: False for NULL.
    @discardableResult
    mutating func appendField(_ encode: (inout [UInt8]) throws -> Bool) rethrows -> Bool {
        let start = self.count
        self.appendBigEndian(Int32(-1))
        guard try encode(&self) else { return false }
        self.replaceBigEndian(Int32(clamping: self.count - start - 4), at: start)
        return true
    }
}
