//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Foundation

/// The patterns of `.gitignore` that exclude files of a folder, as git reads them.
///
/// A later pattern wins over an earlier one, `!` takes a file in again, `/` at the end means folders only, and a pattern with a `/` elsewhere
/// counts from the folder of its file. What is in a folder that is left out cannot be taken in again. (Source: gitignore, Pattern format.)
///
/// All is compared as bytes. Beyond that, a pattern and a name that differ only in their Unicode normal form match where that leaves a file out:
/// an editor may have written one form of `é` and the file system another.
struct IgnoreRules: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        var pattern: GlobPattern
        /// The same in normal form C; nil for ASCII, which has only one form.
        var composed: GlobPattern?
        /// Whether the pattern is compared with the name alone.
        var isForNames: Bool
        var isNegated: Bool
        var isForFolders: Bool
        /// The folder that the pattern counts from, with a `/` at its end unless it is empty.
        var base: [UInt8]
    }

    /// How names are compared.
    enum Comparison { case bytes, normalForm }

    private var rules: [Rule] = []
    /// Whether ASCII letters match in either case, as git compares where `core.ignoreCase` is set.
    private let foldsCase: Bool

    /// No rules at all.
    init(foldsCase: Bool = false) { self.foldsCase = foldsCase }

    /// Patterns for what no app needs in the workspace: build products, caches, other tools' folders, and secrets.
    static let standard = IgnoreRules.standard(in: "")

    /// The same for a source in that folder of a repository.
    static func standard(in folder: String) -> IgnoreRules {
        // A secret is one in capitals, too.
        var rules = IgnoreRules(foldsCase: true)
        rules.add(
            """
            .git
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
            """, in: folder)
        return rules
    }

    /// Adds the patterns of a text.
    mutating func add(_ text: String, in folder: String) { self.add(Array(text.utf8), in: folder) }

    /// Adds the patterns of a file.
    ///
    /// - Parameters:
    ///   - text: A pattern a line; empty lines and lines that begin with `#` are ignored, and so is a byte order mark.
    ///   - folder: The folder of the file, relative to where paths begin; empty for that place itself.
    mutating func add(_ text: [UInt8], in folder: String) {
        let base = folder.isEmpty ? [] : Array(folder.utf8) + [UInt8(ascii: "/")]
        let body = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
        // Only a line feed ends a line: a vertical tab or U+2028 is a part of a name.
        for line in body.split(separator: UInt8(ascii: "\n")) {
            if let rule = self.rule(line, base: base) { self.rules.append(rule) }
        }
    }

    private func rule(_ line: ArraySlice<UInt8>, base: [UInt8]) -> Rule? {
        guard line.first != UInt8(ascii: "#") else { return nil }
        // For git a line is a C string.
        var pattern = line.prefix { $0 != 0 }
        if pattern.count == line.count, pattern.last == UInt8(ascii: "\r") { pattern.removeLast() }
        pattern = Self.withoutSpacesAtEnd(pattern)
        let isNegated = pattern.first == UInt8(ascii: "!")
        if isNegated { pattern.removeFirst() }
        let isForFolders = pattern.last == UInt8(ascii: "/")
        if isForFolders { pattern.removeLast() }
        guard !pattern.isEmpty else { return nil }
        let isForNames = !pattern.contains(UInt8(ascii: "/"))
        if pattern.first == UInt8(ascii: "/") { pattern.removeFirst() }
        let composed =
            pattern.allSatisfy { $0 < 0x80 }
            ? nil : GlobPattern(Self.composed(pattern), isPath: !isForNames, foldsCase: self.foldsCase)
        return Rule(
            pattern: GlobPattern(pattern, isPath: !isForNames, foldsCase: self.foldsCase), composed: composed,
            isForNames: isForNames, isNegated: isNegated, isForFolders: isForFolders, base: base)
    }

    /// A line without the spaces at its end that no backslash keeps.
    private static func withoutSpacesAtEnd(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            let isEscape = line[index] == UInt8(ascii: "\\")
            let isSpace = line[index] == UInt8(ascii: " ")
            index = min(index + (isEscape ? 2 : 1), line.endIndex)
            if !isSpace { end = index }
        }
        return line[..<end]
    }

    private static func composed(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(String(decoding: Array(bytes), as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
    }

    /// Whether a path is excluded; a caller that walks a tree checks a folder before its contents.
    func ignores(_ path: [String], isFolder: Bool) -> Bool {
        IgnoreRules.ignores(path, isFolder: isFolder, by: [self])
    }

    /// Whether lists of rules exclude a path; of two lists with a matching pattern the later one decides.
    ///
    /// A path is excluded if its bytes or their normal form are.
    ///
    /// - Parameter bytesOnly: Whether to compare bytes only, as git does.
    static func ignores(
        _ path: [String], isFolder: Bool, by lists: [IgnoreRules], bytesOnly: Bool = false
    ) -> Bool {
        let text = Array(path.joined(separator: "/").utf8)
        func verdict(_ text: [UInt8], _ comparison: Comparison) -> Bool {
            for list in lists.reversed() {
                if let verdict = list.verdict(text, isFolder: isFolder, comparison) { return verdict }
            }
            return false
        }
        if verdict(text, .bytes) { return true }
        let isPlain = bytesOnly || text.allSatisfy { $0 < 0x80 }
        return !isPlain && verdict(Self.composed(text), .normalForm)
    }

    /// Whether the last matching pattern excludes the path; nil when no pattern matches.
    private func verdict(_ path: [UInt8], isFolder: Bool, _ comparison: Comparison) -> Bool? {
        let nameStart = (path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
        for rule in self.rules.reversed() where isFolder || !rule.isForFolders {
            let base = comparison == .bytes ? rule.base : Self.composed(rule.base)
            guard path.count > base.count, path.starts(with: base) else { continue }
            let pattern = comparison == .bytes ? rule.pattern : rule.composed ?? rule.pattern
            if pattern.matches(rule.isForNames ? path[nameStart...] : path[base.count...]) { return !rule.isNegated }
        }
        return nil
    }
}
