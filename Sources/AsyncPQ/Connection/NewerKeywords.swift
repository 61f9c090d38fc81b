//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Takes the keywords that this libpq does not know yet out of a connection string, which libpq would refuse as a whole.
///
/// Text that libpq cannot read either is left as it is, for libpq to refuse.
struct NewerKeywords {
    /// The connection string without them.
    private(set) var rest: String
    /// Their values by keyword; as in libpq, the last of several counts.
    private(set) var values: [String: String] = [:]

    init(in text: String, names: Set<String>) {
        self.rest = text
        if names.isEmpty { return }
        if Self.isURL(text) { self.splitURL(names) } else { self.splitPairs(names) }
    }

    static func isURL(_ text: String) -> Bool {
        ["postgresql://", "postgres://"].contains { text.utf8.starts(with: $0.utf8) }
    }

    // MARK: URLs

    private mutating func splitURL(_ names: Set<String>) {
        let bytes = Array(self.rest.utf8)
        guard let scheme = bytes.firstIndex(of: UInt8(ascii: "/")) else { return }
        var start = scheme + 2
        // The user's name and password may contain a question mark, and end with an at sign before the first slash.
        if let end = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }),
            bytes[end] == UInt8(ascii: "@")
        {
            start = end + 1
        }
        guard let question = bytes[start...].firstIndex(of: UInt8(ascii: "?")) else { return }
        var kept: [ArraySlice<UInt8>] = []
        for pair in bytes[(question + 1)...].split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].contains(UInt8(ascii: "=")), let name = Self.percentDecoded(parts[0]),
                names.contains(name), let value = Self.percentDecoded(parts[1])
            else {
                kept.append(pair)
                continue
            }
            self.values[name] = value
        }
        guard !self.values.isEmpty else { return }
        let query = kept.isEmpty ? [] : Array("?".utf8) + kept.joined(separator: "&".utf8)
        self.rest = String(decoding: Array(bytes[..<question]) + query, as: UTF8.self)
    }

    /// The text for which percent-encoded bytes stand; nil where libpq refuses it.
    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard bytes[index] == UInt8(ascii: "%") else {
                decoded.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.endIndex, let high = Self.digit(bytes[index + 1]),
                let low = Self.digit(bytes[index + 2]), high | low != 0
            else { return nil }
            decoded.append(high << 4 | low)
            index += 3
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    // MARK: Keywords and values

    private mutating func splitPairs(_ names: Set<String>) {
        let bytes = Array(self.rest.utf8)
        var kept: [UInt8] = []
        var found: [String: String] = [:]
        var index = 0
        while true {
            while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
            guard index < bytes.count else { break }
            let start = index
            guard let (name, value) = Self.pair(bytes, &index) else { return }
            if names.contains(name) {
                found[name] = value
            } else {
                kept += bytes[start..<index] + [UInt8(ascii: " ")]
            }
        }
        guard !found.isEmpty else { return }
        self.values = found
        self.rest = String(decoding: kept, as: UTF8.self)
    }

    /// Reads one pair; nil where libpq refuses it.
    private static func pair(_ bytes: [UInt8], _ index: inout Int) -> (name: String, value: String)? {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "="), !Self.isSpace(bytes[index]) { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return nil }
        index += 1
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        var value: [UInt8] = []
        let isQuoted = index < bytes.count && bytes[index] == UInt8(ascii: "'")
        if isQuoted { index += 1 }
        while index < bytes.count {
            let byte = bytes[index]
            if isQuoted ? byte == UInt8(ascii: "'") : Self.isSpace(byte) { break }
            if byte == UInt8(ascii: "\\") { index += 1 }
            if index < bytes.count { value.append(bytes[index]) }
            index += 1
        }
        index = min(index, bytes.count)
        if isQuoted {
            guard index < bytes.count else { return nil }
            index += 1
        }
        return (name, String(decoding: value, as: UTF8.self))
    }

    /// What C's `isspace` says.
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
