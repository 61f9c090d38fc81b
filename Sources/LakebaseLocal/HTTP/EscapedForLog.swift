//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension StringProtocol {
    /// The text as one line of printable ASCII, cut where it is long.
    ///
    /// For everything that a peer sent and that goes into a log: raw, a line feed in a path would begin a line that looks like our own,
    /// and an escape sequence would reach the terminal. A backslash is doubled, so that nothing can pass for an escape.
    func escapedForLog(limit: Int = 256) -> String {
        var escaped = ""
        for (count, scalar) in self.unicodeScalars.enumerated() {
            if count >= limit { return escaped + "…" }
            switch scalar.value {
            case 0x5C: escaped += "\\\\"
            case 0x20...0x7E: escaped.unicodeScalars.append(scalar)
            default: escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return escaped
    }
}
