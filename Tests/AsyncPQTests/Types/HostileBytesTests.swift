//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// No bytes of a server make a decoder trap: they are read or refused.
@Suite("Hostile bytes")
struct HostileBytesTests {
    private typealias Decoder = @Sendable (UnsafeRawBufferPointer, PQDataType, PQFormat) -> Bool

    private static func decoder<Value: PQDecodable>(_ type: Value.Type) -> Decoder {
        { bytes, type, format in (try? Value(pqBytes: bytes, type: type, format: format)) != nil }
    }

    private enum Mood: String, PQDecodable { case sad }

    private static let decoders: [(decoder: Decoder, types: [UInt32])] = [
        (decoder(Bool.self), [16]), (decoder(Int.self), [20, 21, 23, 26]), (decoder(Int16.self), [20, 21, 23, 26]),
        (decoder(Int32.self), [20, 26]), (decoder(Int64.self), [20, 26]), (decoder(Double.self), [700, 701]),
        (decoder(Float.self), [700]), (decoder(Decimal.self), [1700]), (decoder(Date.self), [1082, 1114, 1184]),
        (decoder(UUID.self), [2950]), (decoder(Data.self), [17]), (decoder(PQJSON<[Int]>.self), [114, 3802, 25]),
        (decoder(String.self), [25, 18, 114, 3802, 4072, 16_400, 1043]), (decoder(Mood.self), [25, 16_400]),
        (decoder([Int].self), [1016, 1007, 22, 16_400]), (decoder([String?].self), [1009, 16_400, 3807]),
        (decoder([Decimal].self), [1231]), (decoder([Date?].self), [1182, 1115, 1185]), (decoder([UUID].self), [2951]),
        (decoder([[Int]].self), [1016]), (decoder(Int?.self), [20]), (decoder([Bool].self), [1000]),
        (decoder(UInt32.self), [20, 26]), (decoder(PQDate.self), [1082]), (decoder(PQTime.self), [1083]),
        (decoder(PQTimeTZ.self), [1266]), (decoder(PQTimestamp.self), [1114]), (decoder(PQTimestampTZ.self), [1184]),
        (decoder(PQInterval.self), [1186]), (decoder(Duration.self), [1186]), (decoder(PQNumeric.self), [1700]),
        (decoder(PQInet.self), [869, 650]), (decoder(PQMACAddress.self), [829]), (decoder(PQMACAddress8.self), [774]),
        (decoder(PQBits.self), [1560, 1562]), (decoder(PQArray<Int?>.self), [1016, 16_400]),
        (decoder([[String?]].self), [1009, 16_400]), (decoder(PQRange<Int>.self), [3926, 3904, 16_400]),
        (decoder(PQRange<Decimal>.self), [3906]), (decoder(Range<PQDate>.self), [3912]),
        (decoder(PQMultirange<Int>.self), [4536, 4451]), (decoder(PQRecord.self), [2249, 16_400]),
        (decoder(PQHstore.self), [16_400]), (decoder(PQVector.self), [16_400]), (decoder(PQRawValue.self), [0, 600]),
    ]

    /// Beginnings that look like the real ones, so that what follows is looked at.
    private static let headers: [[UInt8]] = [
        [], [], [], [1], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 1],
        [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6, 164, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 10, 0, 1], [0x7F, 0xFF],
        [0x80, 0, 0, 0],
        [0, 2, 0, 1, 0x40, 0, 0, 3], [0, 1, 0, 30, 0, 0, 0, 9], [0, 1, 0xFF, 0xF0, 0, 0, 0, 99],
        Array("{\"a\": [".utf8),
        Array("-1.5e".utf8), [2, 8, 0, 4], [3, 64, 1, 16], [0, 0, 0, 2, 0, 0, 0, 9], [0x02, 0, 0, 0, 8], [0x18], [0x01],
        [0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 8], [0, 0, 0, 1, 0, 0, 0, 1], [0x7F, 0xFF, 0xFF, 0xFF],
        [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8],
        [0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 20, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF],
        [0, 2, 0, 0],
    ]

    #if DEBUG
    private static let rounds = 200_000
    #else
    private static let rounds = 1_000_000
    #endif

    @Test func `a million random, truncated and mutated values are read or refused`() async {
        var generator = SeededGenerator(seed: 7)
        let noise = (0..<65_536).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { buffer.deallocate() }
        var read = 0
        for round in 0..<Self.rounds {
            // Others have deadlines.
            if round % 1000 == 0 { await Task.yield() }
            let choice = generator.next()
            let header = Self.headers[Int(choice & 0xFF) % Self.headers.count]
            let (decoder, types) = Self.decoders[Int((choice >> 8) & 0xFF) % Self.decoders.count]
            let type = PQDataType(rawValue: types[Int((choice >> 16) & 0xFF) % types.count])
            // Often the length that a type of fixed size has.
            let length =
                (choice >> 24) & 1 == 0 ? [1, 2, 4, 8, 16, 12][Int((choice >> 25) & 7) % 6] : Int((choice >> 25) & 63)
            let start = Int((choice >> 32) & 0x7FFF)
            noise.withUnsafeBytes { buffer.copyBytes(from: $0[start..<start + 64]) }
            for (index, byte) in header.enumerated() { buffer[index] = byte }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<length])
            if decoder(bytes, type, (choice >> 48) & 7 == 0 ? .text : .binary) { read += 1 }
        }
        #expect(read > Self.rounds / 20, "some have to get through: \(read)")
    }

    @Test func `numbers at the ends of their fields are read or refused`() {
        let ends: [UInt16] = [0, 1, 9_999, 10_000, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xC000, 0xD000, 0xF000, 0xFFFF]
        for count in [UInt16(0), 1, 2] {
            for weight in ends {
                for sign in ends {
                    for scale in [UInt16(0), 1, 5, 0x3FFF, 0x7FFF, 0x8000] {
                        var bytes: [UInt8] = []
                        for field in [count, weight, sign, scale] { bytes.appendBigEndian(field) }
                        for _ in 0..<count { bytes.appendBigEndian(UInt16(9_999)) }
                        bytes.withUnsafeBytes { _ = try? Decimal(pqBytes: $0, type: .numeric, format: .binary) }
                    }
                }
            }
        }
        for micros in [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max] {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(micros)
            let date = bytes.withUnsafeBytes { try? Date(pqBytes: $0, type: .timestamptz, format: .binary) }
            var text: [UInt8] = []
            _ = try? date?.pqEncode(into: &text)
            #expect(!text.isEmpty, "\(micros)")
        }
        for seconds in [1e300, -1e300, 2e14, -2e14, 1.9e14, -1.9e14, .nan, .infinity, .leastNonzeroMagnitude, -0.0] {
            var text: [UInt8] = []
            _ = try? Date(timeIntervalSinceReferenceDate: seconds).pqEncode(into: &text)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an array of two thousand million rows without columns is empty at once`() throws {
        let bytes: [UInt8] = [
            0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
        ]
        let type = PQDataType(rawValue: 1016)
        #expect(try decode([[Int]].self, bytes, as: type) == [])
        #expect(try decode([Int].self, bytes, as: type) == [])
        #expect(try decode(PQArray<Int>.self, bytes, as: type).elements == [])
    }

    @Test func `text that is no number is no number`() {
        for text in ["1-2", "1.2.3", "--1", "", "-", ".", "1e", "abcdefgh", "abcd", "0x10", "1 "] {
            Array(text.utf8).withUnsafeBytes { bytes in
                #expect(throws: PQDecodingFailure.self, "\(text)") {
                    try Decimal(pqBytes: bytes, type: .numeric, format: .text)
                }
                if text != "0x10" {
                    #expect(throws: PQDecodingFailure.self, "\(text)") {
                        try Double(pqBytes: bytes, type: .float8, format: .text)
                    }
                }
            }
        }
    }
}
