//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

@Suite("The binary format of COPY")
struct BinaryRowBufferTests {
    private static let fields: [[[UInt8]?]] = [
        [[1, 2], nil, []], [], [nil], Array(repeating: Array(repeating: 7, count: 300), count: 20),
    ]

    private static var bytes: [UInt8] {
        var bytes = BinaryRowEncoder.header
        for row in Self.fields {
            bytes.appendBigEndian(Int16(row.count))
            for field in row {
                bytes.appendField { bytes in
                    guard let field else { return false }
                    bytes += field
                    return true
                }
            }
        }
        return bytes + BinaryRowEncoder.trailer
    }

    /// The fields of all rows, of bytes that arrive in the given sizes.
    private func rows(_ bytes: [UInt8], size: Int) throws -> [[[UInt8]?]] {
        var buffer = BinaryRowBuffer()
        var rest = bytes[...]
        var rows: [[[UInt8]?]] = []
        while true {
            switch try buffer.next() {
            case .end: return rows
            case .needsMore:
                guard !rest.isEmpty else { throw PQError(.decodingFailed, "cut off") }
                buffer.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            case .row(let range, let count):
                var reader = BinaryReader(UnsafeRawBufferPointer(rebasing: buffer.bytes[range]))
                rows.append(try (0..<count).map { _ in try reader.field().map { Array($0) } })
                try reader.finish()
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100, 100_000])
    func `rows are found wherever the chunks end`(size: Int) throws {
        #expect(try self.rows(Self.bytes, size: size) == Self.fields)
    }

    @Test func `bytes that are cut off or changed are errors and no traps`() async throws {
        let bytes = Self.bytes
        for count in 0..<bytes.count {
            #expect(throws: PQError.self) { try self.rows(Array(bytes.prefix(count)), size: 50) }
        }
        var generator = SeededGenerator(seed: 6)
        for round in 0..<5000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: 0..<changed.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = try? self.rows(changed, size: 1000)
            if round % 20 == 0 { await Task.yield() }
        }
    }
}
