//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What a folder's files are left out by: the patterns of `.gitignore`, as git reads them.
///
/// A later pattern wins over an earlier one, `!` takes a file in again, `/` at the end means folders only, and a pattern with a `/` elsewhere
/// counts from the folder of its file. What is in a folder that is left out cannot be taken in again. (Source: gitignore, Pattern format.)
struct IgnoreRules: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        var segments: [String]
        var isNegated: Bool
        var isForFolders: Bool
        /// The folder that the pattern counts from, as parts of a path.
        var base: [String]
    }

    private var rules: [Rule] = []

    /// No rules at all.
    init() {}

    /// What no app needs in the workspace, whatever its `.gitignore` says: build products, caches, other tools' folders, and secrets.
    static let standard: IgnoreRules = {
        var rules = IgnoreRules()
        rules.add(
            """
            .git/
            .build/
            .swiftpm/
            .hg/
            .svn/
            .databricks/
            .venv/
            venv/
            node_modules/
            __pycache__/
            .DS_Store
            .env
            .env.*
            !.env.example
            *.pem
            *.key
            .gitignore
            /deployment.yaml
            .lakebaseignore
            """, in: "")
        return rules
    }()

    /// Adds the patterns of a file.
    ///
    /// - Parameters:
    ///   - text: A pattern a line; empty lines and those that begin with `#` say nothing.
    ///   - folder: The folder of the file, relative to the source; empty for the source itself.
    mutating func add(_ text: String, in folder: String) {
        let base = folder.split(separator: "/").map(String.init)
        for line in text.split(whereSeparator: \.isNewline) {
            guard var pattern = Self.trimmed(line) else { continue }
            let isNegated = pattern.hasPrefix("!")
            if isNegated { pattern.removeFirst() }
            if pattern.hasPrefix("\\#") || pattern.hasPrefix("\\!") { pattern.removeFirst() }
            let isForFolders = pattern.hasSuffix("/")
            if isForFolders { pattern.removeLast() }
            var segments = pattern.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
            guard !segments.isEmpty else { continue }
            // Without a slash it counts at every depth.
            if !pattern.contains("/") { segments.insert("**", at: 0) }
            self.rules.append(Rule(segments: segments, isNegated: isNegated, isForFolders: isForFolders, base: base))
        }
    }

    /// Whether something is left out; whoever walks a tree asks about folders before what is in them.
    func ignores(_ path: [String], isFolder: Bool) -> Bool {
        for rule in self.rules.reversed() where isFolder || !rule.isForFolders {
            guard path.count > rule.base.count, path.starts(with: rule.base) else { continue }
            if Self.matches(rule.segments[...], path.dropFirst(rule.base.count)) { return !rule.isNegated }
        }
        return false
    }

    /// A line without the spaces at its end that no backslash keeps; nil for one that says nothing.
    private static func trimmed(_ line: Substring) -> String? {
        guard !line.hasPrefix("#") else { return nil }
        var text = line
        while let last = text.last, last == " " || last == "\t" || last == "\r" {
            if last == " ", text.dropLast().last == "\\" { break }
            text.removeLast()
        }
        return text.isEmpty ? nil : String(text)
    }

    private static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        let rest = pattern.dropFirst()
        if first == "**" {
            // At the end it means something inside, elsewhere any number of folders.
            if rest.isEmpty { return !path.isEmpty }
            return path.indices.contains { Self.matches(rest, path[$0...]) }
        }
        guard let part = path.first, Self.matches(Array(first.unicodeScalars)[...], Array(part.unicodeScalars)[...])
        else { return false }
        return Self.matches(rest, path.dropFirst())
    }

    /// One part of a path: `*` for any number of characters, `?` for one, `[…]` for one of some, `\` before one that means itself.
    private static func matches(
        _ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        // The usual walk with one place to come back to, so that many stars cost no more than the product of both lengths.
        var (pattern, text) = (pattern, text)
        var back: (pattern: ArraySlice<Unicode.Scalar>, text: ArraySlice<Unicode.Scalar>)?
        while true {
            if pattern.first == "*" {
                pattern = pattern.dropFirst()
                back = (pattern, text)
                continue
            }
            if let character = text.first, let next = Self.step(pattern, character) {
                pattern = next
                text = text.dropFirst()
                continue
            }
            if text.isEmpty, pattern.isEmpty { return true }
            guard let last = back, !last.text.isEmpty else { return false }
            back = (last.pattern, last.text.dropFirst())
            (pattern, text) = (last.pattern, last.text.dropFirst())
        }
    }

    /// What is left of a pattern after one character; nil when it does not fit.
    private static func step(
        _ pattern: ArraySlice<Unicode.Scalar>, _ character: Unicode.Scalar
    ) -> ArraySlice<Unicode.Scalar>? {
        switch pattern.first {
        case nil: return nil
        case "?": return pattern.dropFirst()
        case "[":
            guard let end = pattern.dropFirst(2).firstIndex(of: "]") else {
                return character == "[" ? pattern.dropFirst() : nil
            }
            var set = pattern[(pattern.startIndex + 1)..<end]
            let isNegated = set.first == "!" || set.first == "^"
            if isNegated { set = set.dropFirst() }
            return Self.contains(set, character) != isNegated ? pattern[(end + 1)...] : nil
        case "\\":
            let rest = pattern.dropFirst()
            return rest.first == character ? rest.dropFirst() : nil
        case let plain?: return plain == character ? pattern.dropFirst() : nil
        }
    }

    private static func contains(_ set: ArraySlice<Unicode.Scalar>, _ character: Unicode.Scalar) -> Bool {
        var set = set
        while let first = set.popFirst() {
            if set.count >= 2, set.first == "-", let last = set.dropFirst().first {
                set = set.dropFirst(2)
                if first.value <= character.value, character.value <= last.value { return true }
            } else if first == character {
                return true
            }
        }
        return false
    }
}
