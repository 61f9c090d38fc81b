//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import TestSupport
import Testing

@testable import AsyncPQ

/// Values of every type with a few bytes changed: they are read or refused, and what is read can be used.
@Suite("Mutated values", .sharesTheMachine)
struct DecoderFuzzTests {
    /// A Swift type, the types of columns that it is read from, and values of these in binary form.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let types: [PQDataType]
        let samples: [[UInt8]]
        /// Returns whether the bytes were read; a thorough one describes and encodes the value too.
        let read: @Sendable (UnsafeRawBufferPointer, PQDataType, PQFormat, _ isThorough: Bool) -> Bool

        init<Value: PQDecodable>(
            _ type: Value.Type, _ types: [UInt32], _ values: [any PQEncodable], raw: [[UInt8]] = []
        ) {
            self.testDescription = "\(type)"
            self.types = types.map { PQDataType(rawValue: $0) }
            self.samples =
                values.map { value in
                    var bytes: [UInt8] = []
                    _ = try? value.pqEncode(into: &bytes)
                    return bytes
                } + raw
            self.read = { bytes, type, format, isThorough in
                guard let value = try? Value(pqBytes: bytes, type: type, format: format) else { return false }
                guard isThorough else { return true }
                _ = String(describing: value)
                var copy: [UInt8] = []
                _ = try? (value as? any PQEncodable)?.pqEncode(into: &copy)
                return true
            }
        }
    }

    private enum Mood: String, PQEncodable, PQDecodable { case sad, happy }

    /// A type that a user has defined.
    private static let user: UInt32 = 16_400

    static let kinds = Self.single + Self.arrays + Self.ranges

    private struct Samples {
        var numbers: [PQNumeric] = [0, -1, 12_345_678, .nan, .infinity, .negativeInfinity]
        let moments = [PQTimestamp(microsecondsSince2000: 0), .infinity, .init(microsecondsSince2000: -1)]
        let instants: [PQTimestampTZ]
        let days = [PQDate(daysSince2000: 0), .infinity, .init(daysSince2000: -730_000)]
        let times = [Int64(0), 1, 86_399_999_999].compactMap { PQTime(microseconds: $0) }
        let intervals: [PQInterval] = [.init(months: 1, days: -2, microseconds: 3), .infinity]
        let addresses = ["10.0.0.0/8", "::1", "fe80::1/64"].compactMap { PQInet($0) }
        let bits = [[true, false, true], [], Array(repeating: true, count: 17)].map { PQBits($0) }
        let id = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
        let whole = PQNumeric(-123_456_780_000)
        let texts = ["", "text", "äöü", "👩‍👩‍👧", String(repeating: "long ", count: 20)]

        init() {
            self.instants = self.moments.map { PQTimestampTZ(utc: $0) }
            for text in ["0.0001", "-98765432109876543210.0123456789", "1e-200"] {
                if let number = PQNumeric(text) { self.numbers.append(number) }
            }
        }

        var records: [PQRecord] {
            var records: [PQRecord] = []
            if let record = try? PQRecord("Main Street", Int32(7), self.id) { records.append(record) }
            if let record = try? PQRecord(Int64?.none) { records.append(record) }
            if let record = try? PQRecord(true, [Int32(1), 2]) { records.append(record) }
            return records
        }
    }

    private static var single: [Kind] {
        let some = Samples()
        var all: [Kind] = []
        func add<Value: PQDecodable>(
            _ type: Value.Type, _ types: [UInt32], _ values: [any PQEncodable], _ more: [any PQEncodable] = [],
            raw: [[UInt8]] = []
        ) {
            all.append(Kind(type, types, values + more, raw: raw))
        }
        add(Bool.self, [16], [true, false])
        add(Int16.self, [21, 20, 23, 26], [Int16(1), Int16.min, Int64(7), Int32(7)])
        add(Int32.self, [23, 20, 21, 26], [Int32(1), Int32.min, Int64(7), Int16(7)])
        add(Int64.self, [20, 21, 23, 26, 1700], [Int64(1), Int64.min, Int32(7), Int16(7), some.whole])
        add(Int.self, [20, 21, 23, 26, 1700], [1, Int.max, Int32(7), Int16(7), some.whole])
        add(UInt32.self, [26, 20, 21, 23], [Int32(-1), Int64(7), Int16(7)])
        add(Int?.self, [20], [1])
        add(Double.self, [701, 700, 1700], [1.5, Double.nan, Double.infinity, Float(2)], some.numbers)
        add(Float.self, [700, 701, 1700], [Float(1.5), Float.nan, -Float.infinity, some.whole])
        add(Decimal.self, [1700, 20], [some.numbers[0], some.numbers[1], some.numbers[2]])
        add(PQNumeric.self, [1700, 20], some.numbers)
        add(
            String.self, [25, 18, 19, 114, 3802, 4072, 705, 142, 1043, Self.user], some.texts, raw: [[1, 65], [65]])
        add(Mood.self, [25, Self.user], [Mood.sad, Mood.happy])
        add(Data.self, [17], [Data([0, 1, 255]), Data()])
        add(UUID.self, [2950], [some.id])
        add(
            PQJSON<[String: [Int?]]>.self, [114, 3802, 25], [PQJSON(["a": [1, nil]] as [String: [Int?]])],
            raw: [[1] + Array("{}".utf8)])
        add(PQDate.self, [1082], some.days)
        add(PQTime.self, [1083], some.times)
        add(PQTimeTZ.self, [1266], some.times.compactMap { PQTimeTZ($0, secondsFromUTC: 3600) })
        add(PQTimestamp.self, [1114], some.moments)
        add(PQTimestampTZ.self, [1184], some.instants)
        add(Date.self, [1184, 1114, 1082], some.instants.filter(\.isFinite), some.days.filter(\.isFinite))
        add(PQInterval.self, [1186], some.intervals)
        add(Duration.self, [1186], [Duration.seconds(90), PQInterval(microseconds: .max)])
        add(PQInet.self, [869, 650], some.addresses)
        add(PQMACAddress.self, [829], [], raw: [[1, 2, 3, 4, 5, 6]])
        add(PQMACAddress8.self, [774], [], raw: [[1, 2, 3, 4, 5, 6, 7, 8]])
        add(PQBits.self, [1560, 1562], some.bits)
        add(PQRawValue.self, [0, 600], some.texts)
        add(PQVector.self, [Self.user], [PQVector([1, -2.5]), PQVector([])])
        #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
        add(PQHalfVector.self, [Self.user], [PQHalfVector([1, -2.5]), PQHalfVector([])])
        #endif
        add(PQHstore.self, [Self.user], [["a": "1", "b": nil, "": ""] as PQHstore, PQHstore()])
        add(PQRecord.self, [2249, Self.user], some.records)
        return all
    }

    private static var arrays: [Kind] {
        let some = Samples()
        var all: [Kind] = []
        func add<Value: PQDecodable>(
            _ type: Value.Type, _ types: [UInt32], _ values: [any PQEncodable], raw: [[UInt8]] = []
        ) {
            all.append(Kind(type, types, values, raw: raw))
        }
        let numbers = [1, 2, 3]
        let nested = [[1, 2], [3, 4]]
        let texts: [String?] = ["a", nil, "äöü"]
        add(
            [Int].self, [1016, 1007, 22, 1005, Self.user], [PQArray(numbers, lowerBound: -1), [Int32(1), 2], [Int]()])
        add([Int16?].self, [1005, Self.user], [[1, nil] as [Int16?]])
        add([UInt32].self, [1028, 1007], [[Int32(1), 2]])
        add([String?].self, [1009, Self.user, 3807], [texts])
        add([Bool].self, [1000], [[true, false]])
        add([Double].self, [1022], [[1.5, Double.nan]])
        add([Float?].self, [1021], [[1, nil] as [Float?]])
        add([Decimal].self, [1231], [[some.numbers[0], some.numbers[1]]])
        add([PQNumeric?].self, [1231], [some.numbers])
        add([Data].self, [1001], [[Data([1]), Data()]])
        add([UUID?].self, [2951], [[some.id, nil] as [UUID?]])
        add([Date?].self, [1185, 1115, 1182], [some.instants.filter(\.isFinite), some.days.filter(\.isFinite)])
        add([PQDate].self, [1182], [some.days])
        add([PQTime].self, [1183], [some.times])
        add([PQTimestamp].self, [1115], [some.moments])
        add([PQTimestampTZ].self, [1185], [some.instants])
        add([PQInterval].self, [1187], [some.intervals])
        add([PQInet].self, [1041, 651], [some.addresses])
        add([PQBits].self, [1563, 1561], [some.bits])
        add([Mood].self, [1009, Self.user], [["sad"]])
        var record: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, 201, 0, 0, 0, 1, 0, 0, 0, 1]
        record.appendField { bytes in (try? some.records[0].pqEncode(into: &bytes)) ?? false }
        add([PQRecord].self, [2287, Self.user], [], raw: [record])
        add([PQRawValue].self, [1009, 1016, Self.user], [texts, numbers])
        add([[Int]].self, [1016], [nested])
        add([[String?]].self, [1009, Self.user], [[texts]])
        add([[[Int32]]].self, [1007], [[[[Int32(1)], [2]]]])
        add(
            PQArray<Int?>.self, [1016, Self.user],
            [PQArray([1, nil] as [Int?], lowerBound: Int32.max - 1), nested])
        add(PQArray<String>.self, [1009], [PQArray(["a", "b"])])
        return all
    }

    private static var ranges: [Kind] {
        let some = Samples()
        var all: [Kind] = []
        func add<Value: PQDecodable>(_ type: Value.Type, _ types: [UInt32], _ values: [any PQEncodable]) {
            all.append(Kind(type, types, values))
        }
        let whole = 1..<9
        let several = PQMultirange([PQRange(1..<3), PQRange(7...)])
        let small: Range<Int32> = 1..<9
        let numbers: Range<PQNumeric> = 1..<2
        let days = some.days[2]..<some.days[0]
        let moments = some.moments[2]..<some.moments[0]
        let instants = some.instants[2]..<some.instants[0]
        add(PQRange<Int32>.self, [3904], [small, PQRange(small.lowerBound...)])
        add(PQRange<Int>.self, [3926, 3904, Self.user], [whole])
        add(Range<Int>.self, [3926, 3904], [whole])
        add(PQRange<Decimal>.self, [3906], [numbers])
        add(PQRange<PQNumeric>.self, [3906], [numbers])
        add(Range<PQDate>.self, [3912], [days])
        add(PQRange<PQTimestamp>.self, [3908], [moments])
        add(PQRange<PQTimestampTZ>.self, [3910], [instants])
        add(PQRange<Date>.self, [3910, 3908, 3912], [instants])
        add(PQMultirange<Int>.self, [4536, 4451], [PQMultirange<Int>(), several])
        add(PQMultirange<PQNumeric>.self, [4532], [PQMultirange([PQRange(numbers)])])
        add(PQMultirange<PQTimestampTZ>.self, [4534], [PQMultirange([PQRange(instants)])])
        add([PQRange<Int>].self, [3927, Self.user], [[PQRange(whole)]])
        add([PQMultirange<Int>].self, [6157, Self.user], [[several]])
        return all
    }

    /// Texts that the server could send.
    private static let shown = [
        "1", "-9223372036854775808", "1.5e300", "NaN", "-Infinity", "t", "f", "2024-02-29 12:00:00.5+02 BC", "{1,NULL}",
        "[1,2)", "\\x00ff", "01020304-0506-0708-090a-0b0c0d0e0f10", "{\"a\": [1, null]}", "äöü", "",
    ].map { Array($0.utf8) }

    @Test(.timeLimit(.minutes(60)), arguments: kinds)
    func `mutated values are read or refused`(kind: Kind) async throws {
        let memory = try GuardedBytes()
        var mutator = Mutator(seed: kind.testDescription.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        for sample in kind.samples {
            let isRead = kind.types.contains { kind.read(memory.hold(sample, atEnd: true), $0, .binary, true) }
            #expect(isRead, "a valid value: \(sample)")
        }
        // Mostly valid ones, and some noise.
        let valid = Array(repeating: kind.samples, count: 4).flatMap(\.self)
        let samples = valid + [mutator.noise(8), mutator.noise(24)]
        var read = 0
        for round in 0..<Fuzzing.rounds(20_000) {
            // Others have deadlines.
            if round % 100 == 0 { await Task.yield() }
            let isText = mutator.number(below: 8) == 0
            let sample = mutator.pick(isText ? Self.shown : samples)
            let bytes = mutator.number(below: 16) == 0 ? sample : mutator.mutated(sample)
            let held = memory.hold(bytes, atEnd: round & 1 == 0)
            if kind.read(held, mutator.pick(kind.types), isText ? .text : .binary, round & 7 == 0) { read += 1 }
        }
        #expect(read > 0 || kind.samples.isEmpty, "some have to get through")
    }

    @Test(.timeLimit(.minutes(60)))
    func `mutated texts are a number or an address, or none`() async {
        let others = ["10.0.0.1/8", "::ffff:1.2.3.4/128", "-123.456e-7", "fe80::%eth0"].map { Array($0.utf8) }
        var mutator = Mutator(seed: 3)
        for round in 0..<Fuzzing.rounds(50_000) {
            if round % 100 == 0 { await Task.yield() }
            let text = String(decoding: mutator.mutated(mutator.pick(Self.shown + others)), as: UTF8.self)
            if let number = PQNumeric(text) { #expect(PQNumeric("\(number)") == number || !number.isFinite, "\(text)") }
            if let address = PQInet(text) { #expect(PQInet("\(address)") == address, "\(text)") }
            _ = PQBits(text)
        }
    }
}
