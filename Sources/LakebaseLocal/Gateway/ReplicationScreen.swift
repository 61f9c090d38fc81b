//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import PostgresGateway

/// Checks which commands of the replication protocol a role may send (PostgreSQL: Streaming Replication Protocol).
///
/// A session with `replication=database` may do more than logical replication: copy the whole cluster, with the
/// passwords of others, read its log, and load a module from any path as an output plugin. Users of a database get none
/// of that.
enum ReplicationScreen {
    /// The reason why a command is refused; `nil` for an allowed command.
    static func refusal(of command: ArraySlice<UInt8>) -> LoginRejection? {
        var scanner = Scanner(command)
        // In either case, although the server knows capital letters only.
        switch scanner.word() {
        case "BASE_BACKUP", "UPLOAD_MANIFEST", "TIMELINE_HISTORY": return Self.physical
        case "START_REPLICATION":
            guard scanner.word() == "SLOT", scanner.name() != nil, scanner.word() == "LOGICAL" else {
                return Self.physical
            }
            return nil
        case "CREATE_REPLICATION_SLOT":
            guard scanner.name() != nil, var kind = scanner.word() else { return Self.physical }
            if kind == "TEMPORARY" { kind = scanner.word() ?? "" }
            guard kind == "LOGICAL" else { return Self.physical }
            guard let plugin = scanner.name(), Self.isPlugin(plugin) else { return Self.plugin }
            return nil
        default: return nil
        }
    }

    /// Whether a plugin is given by a plain name, which the server looks up among its own modules.
    private static func isPlugin(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.allSatisfy { Scanner.isLetter($0) || Scanner.isDigit($0) }
    }

    private static let physical = LoginRejection(
        sqlState: "0A000", message: "physical replication is not supported; only logical replication is",
        hint: "Use a logical replication slot, or pg_dump for a copy of a database.")
    private static let plugin = LoginRejection(
        sqlState: "42501", message: "an output plugin is named by letters, digits and underscores",
        hint: "Use pgoutput, or another plugin that is installed with PostgreSQL.")

    /// The first tokens of such a command.
    private struct Scanner {
        private var rest: ArraySlice<UInt8>

        init(_ text: ArraySlice<UInt8>) { self.rest = text }

        static func isLetter(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            default: false
            }
        }

        static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

        /// A keyword in capital letters.
        mutating func word() -> String? {
            self.skipBlanks()
            let word = self.rest.prefix { Self.isLetter($0) || Self.isDigit($0) }
            self.rest = self.rest.dropFirst(word.count)
            return word.isEmpty ? nil : String(decoding: word, as: UTF8.self).uppercased()
        }

        /// A name, quoted or not.
        mutating func name() -> [UInt8]? {
            self.skipBlanks()
            guard self.rest.first == UInt8(ascii: "\"") else {
                let name = Array(
                    self.rest.prefix { Self.isLetter($0) || Self.isDigit($0) || $0 >= 0x80 || $0 == UInt8(ascii: "$") })
                self.rest = self.rest.dropFirst(name.count)
                return name.isEmpty ? nil : name
            }
            self.rest = self.rest.dropFirst()
            var name: [UInt8] = []
            while let byte = self.rest.popFirst() {
                if byte == UInt8(ascii: "\"") {
                    guard self.rest.first == byte else { return name }
                    self.rest = self.rest.dropFirst()
                }
                name.append(byte)
            }
            return nil
        }

        private mutating func skipBlanks() {
            self.rest = self.rest.drop { $0 == 32 || (9...13).contains($0) }
        }
    }
}
