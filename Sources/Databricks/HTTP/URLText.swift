//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Puts names and values into addresses.
enum URLText {
    /// A resource's name as it goes into a path: as it is, but for what cannot stand there.
    ///
    /// The services read `/`, `:` and `@` in names literally, so those stay; blanks, quotes, `?`, `#`, `%` and all beyond ASCII are escaped.
    static func path(_ name: String) -> String {
        self.escape(name) { self.isUnreserved($0) || "/:@!$&'()*+,;=".utf8.contains($0) }
    }

    /// A value of a query, in which only letters, digits and `-._~` stay.
    static func query(_ value: String) -> String {
        self.escape(value, keeping: self.isUnreserved)
    }

    /// Fields of a form or query.
    static func fields(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(self.query($0.name))=\(self.query($0.value))" }.joined(separator: "&")
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
