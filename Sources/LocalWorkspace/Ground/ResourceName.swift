//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Names and ids of resources (reference: resource names and ids).
package enum ResourceName {
    /// The branch with which every project begins.
    package static let rootBranch = "production"
    /// The endpoint with which every branch begins.
    static let primaryEndpoint = "primary"

    package static func branch(_ project: String, _ id: String) -> String { "projects/\(project)/branches/\(id)" }

    /// The id of the project in any name.
    package static func projectID(of name: String) -> String {
        let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// The name without its last collection and id.
    package static func parent(of name: String) -> String {
        name.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    }

    /// The last part.
    package static func id(of name: String) -> String {
        name.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }

    /// Whether `name` is `{collection}/{id}` below a branch, with valid ids.
    package static func isBelowBranch(_ name: String, collection: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "projects" && parts[2] == "branches" && parts[4] == collection
            && parts.allSatisfy { !$0.isEmpty }
    }

    static let pattern = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"

    /// Whether a text follows ``pattern``.
    static func isID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        return isLetter(first) && (isLetter(last) || isDigit(last))
            && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// The id of a request, or an error that says why it is invalid.
    static func requireID(_ id: String?, field: String) throws(APIFailure) -> String {
        guard let id, !id.isEmpty else { throw .missing(field) }
        guard Self.isID(id) else { throw .invalid("Field \(field) must match pattern \(Self.pattern), got '\(id)'.") }
        return id
    }

    /// The id that a request gives for what it creates; nil where it leaves the id to the service.
    ///
    /// - Parameter replaces: Whether the request replaces what is there, and so has to say which.
    static func givenID(_ id: String?, field: String, replaces: Bool) throws(APIFailure) -> String? {
        guard replaces || !(id ?? "").isEmpty else { return nil }
        return try self.requireID(id, field: field)
    }

    /// An id derived from a PostgreSQL name, such that `isTaken` is false for it.
    static func derivedID(from name: String, prefix: String, isTaken: (String) -> Bool) -> String {
        var base = ""
        for scalar in name.lowercased().unicodeScalars {
            let keeps = scalar.isASCII && isID("a" + String(Character(scalar)))
            if keeps { base.unicodeScalars.append(scalar) } else if !base.hasSuffix("-") { base += "-" }
        }
        while base.hasPrefix("-") { base.removeFirst() }
        if !Self.isID(String(base.prefix(1))) { base = base.isEmpty ? prefix : "\(prefix)-\(base)" }
        base = String(base.prefix(56))
        while base.hasSuffix("-") { base.removeLast() }
        var candidate = base
        var number = 1
        while isTaken(candidate) {
            number += 1
            candidate = "\(base)-\(number)"
        }
        return candidate
    }
}

/// Creates ids of the service's kind, from a given random seed.
package struct NameSource: Sendable, RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    /// SplitMix64: names have to differ, not to be unpredictable.
    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A uid in the service's format, such as `br-quiet-river-y2nm75e1`.
    mutating func uid(_ prefix: String) -> String {
        let first = Self.adjectives[Int(self.next() % UInt64(Self.adjectives.count))]
        let second = Self.nouns[Int(self.next() % UInt64(Self.nouns.count))]
        return "\(prefix)-\(first)-\(second)-\(self.text(8))"
    }

    /// A UUID.
    mutating func uuid() -> String {
        let digits = [8, 4, 4, 4, 12].map { self.hex($0) }
        return digits.joined(separator: "-")
    }

    /// The id of an operation.
    mutating func operation() -> String { self.hex(32) }

    private mutating func hex(_ count: Int) -> String {
        String((0..<count).map { _ in Self.hexDigits[Int(self.next() % 16)] })
    }

    private mutating func text(_ count: Int) -> String {
        String((0..<count).map { _ in Self.letters[Int(self.next() % UInt64(Self.letters.count))] })
    }

    private static let hexDigits = Array("0123456789abcdef")
    private static let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
    private static let adjectives = [
        "quiet", "bright", "green", "early", "still", "deep", "clear", "young", "warm", "broad", "calm", "light",
    ]
    private static let nouns = [
        "river", "lake", "field", "hill", "brook", "forest", "shore", "cloud", "meadow", "stone", "wind", "bay",
    ]
}
