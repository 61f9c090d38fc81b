//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation

/// The control file of an installed extension (PostgreSQL: Packaging Related Objects into an Extension).
package struct ExtensionControl: Sendable, Equatable {
    package var defaultVersion: String?
    /// Whether a role that may create objects in a database may create the extension there.
    package var isTrusted: Bool

    /// Reads a control file: `name = value` on each line, as in `postgresql.conf`.
    init(_ text: String) {
        (self.defaultVersion, self.isTrusted) = (nil, false)
        for line in text.exactLines {
            guard let (name, value) = Self.setting(line) else { continue }
            // The later one counts.
            switch name {
            case "default_version": self.defaultVersion = value
            case "trusted": self.isTrusted = ["on", "true", "yes", "1", "t", "y"].contains(value.lowercased())
            default: break
            }
        }
    }

    /// The control file, changed so that the extension is trusted.
    static func trusting(_ text: String) -> String {
        let kept = text.exactLines.filter { Self.setting($0)?.name != "trusted" }
        return kept.map { "\($0)\n" }.joined() + "# Added by lakebase dev: the service offers it.\ntrusted = true\n"
    }

    private static func setting(_ line: some StringProtocol) -> (name: String, value: String)? {
        let bytes = Array(line.utf8)
        var place = 0
        func skipBlanks() {
            while place < bytes.count, bytes[place] == 32 || bytes[place] == 9 || bytes[place] == 13 { place += 1 }
        }
        skipBlanks()
        let start = place
        while place < bytes.count, Self.isNameByte(bytes[place]) { place += 1 }
        guard place > start else { return nil }
        let name = String(decoding: bytes[start..<place], as: UTF8.self).lowercased()
        skipBlanks()
        // The sign of equality can be left out.
        if place < bytes.count, bytes[place] == UInt8(ascii: "=") { place += 1 }
        skipBlanks()
        var value: [UInt8] = []
        if place < bytes.count, bytes[place] == UInt8(ascii: "'") {
            place += 1
            while place < bytes.count {
                if bytes[place] == UInt8(ascii: "'") {
                    guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "'") else { break }
                    place += 1
                }
                value.append(bytes[place])
                place += 1
            }
        } else {
            while place < bytes.count, bytes[place] > 32, bytes[place] != UInt8(ascii: "#") {
                value.append(bytes[place])
                place += 1
            }
        }
        return (name, String(decoding: value, as: UTF8.self))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
