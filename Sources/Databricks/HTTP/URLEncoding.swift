//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// Encodes names and values in URLs.
enum URLEncoding {
    /// A resource's name in a path: unchanged, except for characters that a path cannot contain.
    ///
    /// The services read `/`, `:` and `@` in names literally, so those stay; blanks, quotes, `?`, `#`, `%` and all beyond ASCII are escaped.
    static func path(_ name: String) -> String {
        self.escape(name) { self.isUnreserved($0) || "/:@!$&'()*+,;=".utf8.contains($0) }
    }

    /// A value of a query; everything but letters, digits and `-._~` is percent-encoded.
    static func query(_ value: String) -> String {
        self.escape(value, keeping: self.isUnreserved)
    }

    /// Fields of a form or query.
    static func fields(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(self.query($0.name))=\(self.query($0.value))" }.joined(separator: "&")
    }

    /// The decoded value of a form or query; text that is not an escape stays unchanged.
    static func decoded(_ value: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            if byte == 0x25, digits.count == 2 {
                bytes.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether secrets may be sent to an address: `https`, or plain `http` on this machine.
    static func isSafe(_ url: String) -> Bool {
        if url.startsExactly(with: "https://") { return true }
        return ["127.0.0.1", "localhost", "[::1]"].contains { host in
            guard let rest = url.droppingExactly(prefix: "http://" + host)?.utf8 else { return false }
            // What stands before an @ is a user's name, and the host comes after it.
            return !rest.prefix { $0 != UInt8(ascii: "/") }.contains(UInt8(ascii: "@"))
                && (rest.isEmpty || rest.first == UInt8(ascii: ":") || rest.first == UInt8(ascii: "/"))
        }
    }

    /// Whether secrets may be sent to an address that a host names: `https`, or plain `http` if the host itself uses
    /// that.
    static func isSafe(_ url: String, from host: String) -> Bool {
        url.startsExactly(with: "https://")
            || (host.startsExactly(with: "http://") && url.startsExactly(with: "http://"))
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~".utf8.contains(byte)
        }
    }

    private static func escape(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isKept(byte) {
                bytes.append(byte)
            } else {
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
