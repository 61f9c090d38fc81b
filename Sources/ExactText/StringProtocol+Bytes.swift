//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension StringProtocol {
    /// Whether the other text has the same bytes in UTF-8.
    @inlinable
    package func isExactly(_ other: some StringProtocol) -> Bool {
        let compared = self.utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in areSame(left, right) }
        }
        return (compared ?? nil) ?? self.utf8.elementsEqual(other.utf8)
    }

    /// Whether the bytes begin with those of the other text, even in the middle of a Character: `"/\u{301}x"` begins
    /// with `"/"`.
    @inlinable
    package func startsExactly(with prefix: some StringProtocol) -> Bool { self.utf8.starts(with: prefix.utf8) }

    /// Whether the bytes end with those of the other text.
    @inlinable
    package func endsExactly(with suffix: some StringProtocol) -> Bool {
        let (count, all) = (suffix.utf8.count, self.utf8.count)
        return count <= all && self.utf8.dropFirst(all - count).elementsEqual(suffix.utf8)
    }

    /// Whether the bytes of the other text are a part of this one's.
    ///
    /// An empty text is part of each.
    package func containsExactly(_ part: some StringProtocol) -> Bool {
        var rest = self.utf8[...]
        guard let first = part.utf8.first else { return true }
        while let index = rest.firstIndex(of: first) {
            rest = rest[index...]
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// The parts between single bytes, which must be ASCII.
    ///
    /// `"a\r\nb"` split at a line feed is `"a\r"` and `"b"`, where `split` of Characters finds no line feed.
    package func splitExactly(
        at separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
    ) -> [SubSequence] {
        precondition(separator.isASCII, "a byte of UTF-8 is found by itself only if it is ASCII")
        return self.utf8.split(
            separator: UInt8(ascii: separator), maxSplits: maxSplits,
            omittingEmptySubsequences: omittingEmptySubsequences
        ).map { self[$0.startIndex..<$0.endIndex] }
    }

    /// The lines, without their ends: a line feed, or a carriage return and a line feed.
    ///
    /// Empty lines are kept; what ends the last line begins no further one.
    package var exactLines: [SubSequence] {
        var lines = self.splitExactly(at: "\n", omittingEmptySubsequences: false)
        if let last = lines.last, last.utf8.isEmpty { lines.removeLast() }
        return lines.map { line in
            guard line.endsExactly(with: "\r") else { return line }
            return line[..<line.utf8.index(line.startIndex, offsetBy: line.utf8.count - 1)]
        }
    }

    /// The text without the bytes of the prefix; nil where it begins otherwise.
    package func droppingExactly(prefix: some StringProtocol) -> SubSequence? {
        guard self.startsExactly(with: prefix) else { return nil }
        return self[self.utf8.index(self.startIndex, offsetBy: prefix.utf8.count)...]
    }

    /// The text with each occurrence of the bytes of `part` replaced, also where a part of a Character is one.
    ///
    /// `replacing` compares Characters, for which a quote followed by a combining accent is not a quote: `"'\u{301}"`
    /// would stay unchanged, and still end the literal for a reader of bytes. So whatever quotes or masks text has to
    /// use this.
    package func replacingExactly(_ part: some StringProtocol, with replacement: some StringProtocol) -> String {
        guard let first = part.utf8.first else { return String(self) }
        var bytes: [UInt8] = []
        var rest = self.utf8[...]
        while let index = rest.firstIndex(of: first) {
            bytes.append(contentsOf: rest[..<index])
            rest = rest[index...]
            if rest.starts(with: part.utf8) {
                bytes.append(contentsOf: replacement.utf8)
                rest = rest.dropFirst(part.utf8.count)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        bytes.append(contentsOf: rest)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Compares many bytes at a time, which a loop over a string's bytes does not.
@usableFromInline
func areSame(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard let first = left.baseAddress, let second = right.baseAddress, first != second else { return true }
    return memcmp(first, second, left.count) == 0
}
