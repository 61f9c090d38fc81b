//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A pattern of `.gitignore` for one path, byte by byte as git compares: `*`, `?`, `[…]`, `\`, and `**` between slashes.
///
/// (Source: gitignore, Pattern format; what it leaves open was asked of git itself, see the tests.)
struct GlobPattern: Sendable, Hashable {
    /// The bytes that `[…]` stands for.
    struct ByteSet: Sendable, Hashable {
        private var bits = SIMD4<UInt64>()

        func contains(_ byte: UInt8) -> Bool { self.bits[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0 }

        mutating func insert(_ byte: UInt8) { self.bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    private enum Element: Sendable, Hashable {
        case byte(UInt8)
        /// `?`: each byte but a slash.
        case any
        /// `[…]`, with a `!` before it or not; never a slash in a path.
        case set(ByteSet, isNegated: Bool)
        /// `*`: any bytes but slashes.
        case star
        /// `**`: any bytes.
        case everything
        /// `**/`: nothing, or any folders.
        case folders
    }

    private var elements: [Element] = []
    /// Whether a slash is something special; in a bare name there is none.
    private let isPath: Bool
    /// Whether ASCII letters match in either case.
    private let foldsCase: Bool
    /// False for a pattern that is broken, such as one with `[` and no `]`: nothing matches it.
    private var isValid = true

    init(_ pattern: some Sequence<UInt8>, isPath: Bool, foldsCase: Bool = false) {
        self.isPath = isPath
        self.foldsCase = foldsCase
        var parser = Parser(bytes: Array(pattern), isPath: isPath)
        while self.isValid, let element = parser.next() {
            switch element {
            case .some(let element): self.elements.append(element)
            case nil: self.isValid = false
            }
        }
    }

    /// Whether the whole text matches.
    func matches(_ text: some Collection<UInt8>) -> Bool {
        guard self.isValid else { return false }
        // Most patterns begin with a byte, and most texts with another one.
        if case .byte(let byte)? = self.elements.first {
            guard let first = text.first, self.equal(byte, first) else { return false }
        }
        return self.matches(Array(text))
    }

    /// Goes through the pattern once, with all places of the text that its beginning can reach: no pattern takes longer than both lengths multiplied.
    private func matches(_ text: [UInt8]) -> Bool {
        var reach = [Bool](repeating: false, count: text.count + 1)
        reach[0] = true
        for element in self.elements {
            var next = [Bool](repeating: false, count: text.count + 1)
            var before = false
            var isAnywhere = false
            for index in 0...text.count {
                let last = index > 0 ? text[index - 1] : 0
                switch element {
                case .byte(let byte): next[index] = before && self.equal(byte, last)
                case .any: next[index] = before && !(self.isPath && last == UInt8(ascii: "/"))
                case .set(let set, let isNegated):
                    next[index] =
                        before && self.contains(set, last) != isNegated && !(self.isPath && last == UInt8(ascii: "/"))
                case .star:
                    let goesOn = index > 0 && next[index - 1] && !(self.isPath && last == UInt8(ascii: "/"))
                    next[index] = reach[index] || goesOn
                case .everything: next[index] = reach[index] || index > 0 && next[index - 1]
                case .folders: next[index] = reach[index] || isAnywhere && last == UInt8(ascii: "/")
                }
                before = reach[index]
                isAnywhere = isAnywhere || before
            }
            reach = next
            if !reach.contains(true) { return false }
        }
        return reach[text.count]
    }

    private func equal(_ byte: UInt8, _ other: UInt8) -> Bool {
        byte == other || self.foldsCase && Self.lowercased(byte) == Self.lowercased(other)
    }

    private func contains(_ set: ByteSet, _ byte: UInt8) -> Bool {
        if set.contains(byte) { return true }
        guard self.foldsCase else { return false }
        let lower = Self.lowercased(byte)
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
        return isLetter && (set.contains(lower) || set.contains(lower & ~0x20))
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension GlobPattern {
    /// Takes a pattern apart.
    private struct Parser {
        let bytes: [UInt8]
        let isPath: Bool
        /// Where the plain text at the beginning ends.
        ///
        /// git compares that by itself, so that what follows begins a pattern: `a**/b` is `a`, then `**/b`.
        private let plainEnd: Int
        var index = 0

        init(bytes: [UInt8], isPath: Bool) {
            self.bytes = bytes
            self.isPath = isPath
            self.plainEnd = bytes.firstIndex { Array("*?[\\".utf8).contains($0) } ?? bytes.count
        }

        private func byte(_ offset: Int) -> UInt8? {
            let place = self.index + offset
            return self.bytes.indices.contains(place) ? self.bytes[place] : nil
        }

        /// The next element; nil at the end, `.some(nil)` where the pattern is broken.
        mutating func next() -> Element?? {
            guard let byte = self.byte(0) else { return nil }
            switch byte {
            case UInt8(ascii: "*"): return .some(self.stars())
            case UInt8(ascii: "["): return .some(self.set())
            case UInt8(ascii: "\\"):
                // One at the end means nothing.
                guard let escaped = self.byte(1) else { return .some(nil) }
                self.index += 2
                return .some(.byte(escaped))
            case UInt8(ascii: "?"):
                self.index += 1
                return .some(.any)
            default:
                self.index += 1
                return .some(.byte(byte))
            }
        }

        private mutating func stars() -> Element {
            let start = self.index
            while self.byte(0) == UInt8(ascii: "*") { self.index += 1 }
            guard self.index - start > 1 else { return .star }
            guard self.isPath else { return .everything }
            let isAfterSlash = start == self.plainEnd || self.bytes[start - 1] == UInt8(ascii: "/")
            switch self.byte(0) {
            case nil where isAfterSlash: return .everything
            case UInt8(ascii: "/") where isAfterSlash:
                self.index += 1
                return .folders
            case UInt8(ascii: "\\") where isAfterSlash && self.byte(1) == UInt8(ascii: "/"): return .everything
            default: return .star
            }
        }

        private mutating func set() -> Element? {
            var set = ByteSet()
            self.index += 1
            var isNegated = false
            if let sign = self.byte(0), sign == UInt8(ascii: "!") || sign == UInt8(ascii: "^") {
                isNegated = true
                self.index += 1
            }
            // A range begins with the byte before it, unless that ended one itself or was a class.
            var previous: UInt8?
            var isFirst = true
            while let byte = self.byte(0), isFirst || byte != UInt8(ascii: "]") {
                isFirst = false
                let follows = self.byte(1)
                if byte == UInt8(ascii: "-"), let low = previous, let follows, follows != UInt8(ascii: "]") {
                    self.index += 1
                    guard let high = self.member() else { return nil }
                    if low <= high { for member in low...high { set.insert(member) } }
                    previous = nil
                } else if byte == UInt8(ascii: "["), follows == UInt8(ascii: ":") {
                    guard let end = self.bytes[(self.index + 2)...].firstIndex(of: UInt8(ascii: "]")) else {
                        return nil
                    }
                    if end >= self.index + 3, self.bytes[end - 1] == UInt8(ascii: ":") {
                        let name = String(decoding: self.bytes[(self.index + 2)..<(end - 1)], as: UTF8.self)
                        guard let test = Self.classes[name] else { return nil }
                        for member in UInt8.min...UInt8.max where test(member) { set.insert(member) }
                        self.index = end + 1
                        previous = nil
                    } else {
                        set.insert(byte)
                        self.index += 1
                        previous = byte
                    }
                } else {
                    guard let member = self.member() else { return nil }
                    set.insert(member)
                    previous = member
                }
            }
            guard self.byte(0) != nil else { return nil }
            self.index += 1
            return .set(set, isNegated: isNegated)
        }

        /// One byte of a set, which a backslash may stand before.
        private mutating func member() -> UInt8? {
            if self.byte(0) == UInt8(ascii: "\\") { self.index += 1 }
            guard let member = self.byte(0) else { return nil }
            self.index += 1
            return member
        }

        private static let classes: [String: @Sendable (UInt8) -> Bool] = {
            let upper: @Sendable (UInt8) -> Bool = { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            let lower: @Sendable (UInt8) -> Bool = { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            let digit: @Sendable (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let alnum: @Sendable (UInt8) -> Bool = { upper($0) || lower($0) || digit($0) }
            return [
                "upper": upper, "lower": lower, "digit": digit, "alnum": alnum,
                "alpha": { upper($0) || lower($0) },
                "blank": { $0 == 0x20 || $0 == 0x09 },
                "space": { $0 == 0x20 || (0x09...0x0D).contains($0) },
                "cntrl": { $0 < 0x20 || $0 == 0x7F },
                "graph": { (0x21...0x7E).contains($0) },
                "print": { (0x20...0x7E).contains($0) },
                "punct": { (0x21...0x7E).contains($0) && !alnum($0) },
                "xdigit": { digit($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) },
            ]
        }()
    }
}
