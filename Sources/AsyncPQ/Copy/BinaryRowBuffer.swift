//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Splits the binary format of COPY into rows, from chunks of any size.
///
/// Layout: PostgreSQL documentation, "Binary Format" of the command COPY.
struct BinaryRowBuffer: ~Copyable {
    private enum Phase {
        case header
        case rows
        case ended
    }

    enum Step: Equatable {
        /// The fields of a row, in ``BinaryRowBuffer/bytes``, each with its length before it.
        case row(Range<Int>, fields: Int)
        case needsMore
        case end
    }

    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var count = 0
    private var offset = 0
    private var phase = Phase.header

    deinit { self.memory.deallocate() }

    /// What has arrived, until the next call of ``append(_:)``.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.memory[..<self.count]) }

    mutating func append(_ chunk: [UInt8]) {
        let rest = self.count - self.offset
        let needed = rest + chunk.count
        if needed > self.memory.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(needed, 65_536), alignment: 1)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.bytes[self.offset...]))
            self.memory.deallocate()
            self.memory = larger
        } else if rest > 0 {
            self.memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.bytes[self.offset...]))
        }
        UnsafeMutableRawBufferPointer(rebasing: self.memory[rest...]).copyBytes(from: chunk)
        self.count = needed
        self.offset = 0
    }

    /// The next row.
    mutating func next() throws(PQError) -> Step {
        if self.phase == .header, try !self.takeHeader() { return .needsMore }
        guard self.phase == .rows else { return .end }
        let bytes = self.bytes
        var end = self.offset
        guard let fields = bytes.bigEndian(at: end, as: Int16.self) else { return .needsMore }
        end += 2
        guard fields != -1 else {
            self.phase = .ended
            return .end
        }
        guard fields >= 0 else { throw Self.invalid }
        let start = end
        for _ in 0..<fields {
            guard let length = bytes.bigEndian(at: end, as: Int32.self) else { return .needsMore }
            guard length >= -1 else { throw Self.invalid }
            end += 4 + max(0, Int(length))
        }
        guard end <= bytes.count else { return .needsMore }
        self.offset = end
        return .row(start..<end, fields: Int(fields))
    }

    /// Whether all rows have been returned.
    var isAtEnd: Bool { self.phase == .ended }

    /// Skips signature, flags and extension; returns false when more is needed.
    private mutating func takeHeader() throws(PQError) -> Bool {
        let bytes = self.bytes
        let signature = BinaryRowEncoder.header.prefix(11)
        guard bytes.starts(with: signature.prefix(bytes.count)) else { throw Self.invalid }
        guard let length = bytes.bigEndian(at: 15, as: Int32.self) else { return false }
        guard length >= 0 else { throw Self.invalid }
        guard bytes.count - 19 >= Int(length) else { return false }
        self.offset = 19 + Int(length)
        self.phase = .rows
        return true
    }

    private static var invalid: PQError { PQError(.decodingFailed, "the data is not in the binary format of COPY") }
}
