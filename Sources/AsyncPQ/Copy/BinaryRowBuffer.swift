//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Splits the binary format of COPY into rows, from chunks of any size.
///
/// Layout: PostgreSQL documentation, "Binary Format" of the command COPY.
struct BinaryRowBuffer {
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

    private(set) var bytes: [UInt8] = []
    private var offset = 0
    private var phase = Phase.header

    mutating func append(_ chunk: [UInt8]) {
        if self.offset == self.bytes.count {
            self.bytes = chunk
        } else {
            self.bytes.removeSubrange(..<self.offset)
            self.bytes += chunk
        }
        self.offset = 0
    }

    /// The next row.
    mutating func next() throws(PQError) -> Step {
        if self.phase == .header, try !self.takeHeader() { return .needsMore }
        guard self.phase == .rows else { return .end }
        var end = self.offset
        guard let fields = self.integer(at: end, as: Int16.self) else { return .needsMore }
        end += 2
        guard fields != -1 else {
            self.phase = .ended
            return .end
        }
        guard fields >= 0 else { throw Self.invalid }
        let start = end
        for _ in 0..<fields {
            guard let length = self.integer(at: end, as: Int32.self) else { return .needsMore }
            guard length >= -1 else { throw Self.invalid }
            end += 4 + max(0, Int(length))
        }
        guard end <= self.bytes.count else { return .needsMore }
        self.offset = end
        return .row(start..<end, fields: Int(fields))
    }

    /// Whether all rows have been returned.
    var isAtEnd: Bool { self.phase == .ended }

    /// Skips signature, flags and extension; returns false when more is needed.
    private mutating func takeHeader() throws(PQError) -> Bool {
        let signature = BinaryRowEncoder.header.prefix(11)
        guard self.bytes.starts(with: signature.prefix(self.bytes.count)) else { throw Self.invalid }
        guard let length = self.integer(at: 15, as: Int32.self) else { return false }
        guard length >= 0 else { throw Self.invalid }
        guard self.bytes.count - 19 >= Int(length) else { return false }
        self.offset = 19 + Int(length)
        self.phase = .rows
        return true
    }

    private func integer<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer? {
        self.bytes.withUnsafeBytes { $0.bigEndian(at: offset, as: type) }
    }

    private static var invalid: PQError { PQError(.decodingFailed, "the data is not in the binary format of COPY") }
}
