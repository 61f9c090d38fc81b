//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import TestSupport
import Testing

@Suite("Bytes are cut into lines")
struct LineSplitterTests {
    /// The lines of bytes that arrive in pieces of the given sizes, over and over.
    private static func lines(
        _ bytes: [UInt8], limit: Int, sizes: [Int], holding held: @escaping @Sendable ([UInt8]) -> Int = { _ in 0 }
    ) -> [String] {
        var (splitter, lines) = (LineSplitter(limit: limit, holding: held), [String]())
        var (rest, number) = (bytes[...], 0)
        while !rest.isEmpty {
            let size = sizes[number % sizes.count]
            splitter.append(rest.prefix(size)) { lines.append($0) }
            rest = rest.dropFirst(size)
            number += 1
        }
        splitter.finish { lines.append($0) }
        return lines
    }

    /// The same of all bytes at once, in the plainest way.
    private static func reference(_ bytes: [UInt8], limit: Int) -> [String] {
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        for index in lines.indices.dropLast() where lines[index].last == 13 { lines[index].removeLast() }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.flatMap { line -> [String] in
            var (pieces, rest) = ([[UInt8]](), line[...])
            repeat {
                var count = min(limit, rest.count)
                while count < min(limit + 3, rest.count), rest[rest.startIndex + count] & 0xC0 == 0x80 { count += 1 }
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            } while !rest.isEmpty
            return pieces.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test func `lines are the same however the bytes arrive, and long ones are cut`() {
        let text = Array("one\r\n\ntwo\nü\nlong-line-here\nlast".utf8)
        for size in 1...text.count {
            let lines = Self.lines(text, limit: 9, sizes: [size])
            #expect(lines == ["one", "", "two", "ü", "long-line", "-here", "last"])
        }
    }

    @Test func `a line as long as the limit is one line, whatever ends it`() {
        for end in ["\n", "\r\n", ""] {
            #expect(Self.lines(Array("12345678\(end)".utf8), limit: 8, sizes: [100]) == ["12345678"])
        }
        #expect(Self.lines(Array("12345678\n\n\r\n9".utf8), limit: 8, sizes: [1]) == ["12345678", "", "", "9"])
    }

    @Test func `no character is cut, and bytes that are no text are cut all the same`() {
        for character in ["é", "€", "😀"] {
            for before in 0..<9 {
                let line = String(repeating: "x", count: before) + character + "yz"
                let pieces = Self.lines(Array("\(line)\n".utf8), limit: 8, sizes: [1])
                #expect(pieces.joined() == line)
                #expect(pieces.allSatisfy { $0.utf8.count <= 8 + 3 })
            }
        }
        let noise = [UInt8](repeating: 0x80, count: 1000)
        #expect(Self.lines(noise, limit: 8, sizes: [7]).allSatisfy { $0.unicodeScalars.count <= 8 + 3 })
    }

    @Test func `random bytes are cut as a plain reference cuts them`() {
        var random = SplitMix64(seed: 20_260_101)
        let alphabet: [[UInt8]] = ["a", "b", "\n", "\r", "\r\n", "é", "€", "😀"].map { Array($0.utf8) }
        for round in 0..<4000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.next(below: 40) {
                if random.chance(8) {
                    bytes.append(UInt8(random.next(below: 256)))
                } else {
                    bytes += alphabet[random.next(below: alphabet.count)]
                }
            }
            let limit = 1 + random.next(below: 12)
            let sizes = (0..<5).map { _ in 1 + random.next(below: 9) }
            let lines = Self.lines(bytes, limit: limit, sizes: sizes)
            #expect(lines == Self.reference(bytes, limit: limit), "round \(round): \(bytes) at \(limit)")
        }
    }

    @Test func `what is held goes to the next piece, and holding all does not fill the memory`() {
        let digits: @Sendable ([UInt8]) -> Int = { bytes in bytes.reversed().prefix { (48...57).contains($0) }.count }
        #expect(
            Self.lines(Array("abcdef12345ghijklmnop\n".utf8), limit: 8, sizes: [3], holding: digits)
                == ["abcdef", "12345ghi", "jklmnop"])
        let all = Self.lines([UInt8](repeating: 49, count: 1000), limit: 4, sizes: [10], holding: { $0.count })
        #expect(all.joined().utf8.count == 1000 && all.allSatisfy { $0.utf8.count <= 16 * 4 * 9 / 8 + 1 })
        // A hook that is wrong does not trap.
        for held in [Int.min, -1, Int.max] {
            #expect(
                Self.lines(Array("abcdefghij".utf8), limit: 4, sizes: [3], holding: { _ in held }).joined()
                    == "abcdefghij")
        }
        #expect(Self.lines(Array("ab\n".utf8), limit: .max, sizes: [1]) == ["ab"])
        #expect(Self.lines(Array("ab\n".utf8), limit: .min, sizes: [1]) == ["a", "b"])
    }
}
