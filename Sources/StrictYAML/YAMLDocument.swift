//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Yams

/// A parsed YAML file in which every value has its place.
///
/// One document of at most a mebibyte in UTF-8. Anchors with aliases, merge keys, tags and keys that are not text are
/// mistakes here: what a file says then stands where it says it.
public struct YAMLDocument: Sendable, Hashable {
    /// The longest file that is read, in bytes.
    public static let maximumSize = 1 << 20

    /// The name of the file in errors.
    public var file: String
    /// The value; nil if the file is empty or not YAML.
    public var root: YAMLValue?
    /// The mistakes in its form; values that could not be read are left out.
    public var problems: [YAMLProblem] = []

    /// Parses the bytes of a file; any bytes are handled without trapping.
    public init(_ bytes: some Collection<UInt8>, file: String) {
        self.file = file
        guard bytes.count <= Self.maximumSize else {
            self.problems = [YAMLProblem(.syntax, at: .start, "the file is longer than \(Self.maximumSize) bytes")]
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            self.problems = [
                YAMLProblem(.syntax, at: Self.firstPlaceNotUTF8(bytes), "this is no UTF-8; save the file in UTF-8")
            ]
            return
        }
        if let problem = YAMLLimits.problem(in: text) {
            self.problems = [problem]
            return
        }
        do {
            // Without rules for tags each scalar is the text that is written; `YAMLScalar` says what it means.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let node = try parser.singleRoot() else { return }
            // The parser has put what an alias stands for in its place, so that of an alias only its anchor is left.
            if Self.hasAnchor(node), let alias = YAMLLimits.possibleAliases(in: text).first {
                self.problems = [alias]
                return
            }
            self.root = self.value(node)
        } catch {
            self.problems.append(Self.problem(error, in: text))
        }
    }

    private static func hasAnchor(_ node: Node) -> Bool {
        if node.anchor != nil { return true }
        switch node {
        case .scalar, .alias: return false
        case .sequence(let sequence): return sequence.contains(where: Self.hasAnchor)
        case .mapping(let mapping): return mapping.contains { Self.hasAnchor($0.key) || Self.hasAnchor($0.value) }
        }
    }

    private mutating func value(_ node: Node) -> YAMLValue {
        let place = node.mark.map { YAMLPlace(line: $0.line, column: $0.column) } ?? .start
        switch node {
        case .scalar(let scalar):
            let tag = scalar.tag.description
            if tag != "", tag != Tag.Name.str.rawValue { self.refuse(tag: tag, at: place) }
            let isQuoted = (scalar.style != .plain && scalar.style != .any) || tag == Tag.Name.str.rawValue
            return YAMLValue(.scalar(YAMLScalar(scalar.string, isQuoted: isQuoted)), at: place)
        case .sequence(let sequence):
            let tag = sequence.tag.description
            if tag != "", tag != Tag.Name.seq.rawValue { self.refuse(tag: tag, at: place) }
            return YAMLValue(.list(sequence.map { self.value($0) }), at: place)
        case .mapping(let mapping):
            let tag = mapping.tag.description
            if tag != "", tag != Tag.Name.map.rawValue { self.refuse(tag: tag, at: place) }
            return YAMLValue(.mapping(mapping.compactMap { self.entry($0.key, $0.value) }), at: place)
        case .alias:
            self.problems.append(YAMLProblem(.syntax, at: place, "aliases are not read here; write the value out"))
            return YAMLValue(.scalar(YAMLScalar("", isQuoted: false)), at: place)
        }
    }

    private mutating func entry(_ key: Node, _ value: Node) -> YAMLEntry? {
        let place = key.mark.map { YAMLPlace(line: $0.line, column: $0.column) } ?? .start
        guard case .scalar(let scalar) = key else {
            self.problems.append(YAMLProblem(.syntax, at: place, "a key has to be text"))
            return nil
        }
        if scalar.string == "<<", scalar.style == .plain {
            self.problems.append(
                YAMLProblem(.syntax, at: place, "merge keys (<<) are not read here; write the keys out"))
            return nil
        }
        return YAMLEntry(key: scalar.string, at: place, value: self.value(value))
    }

    private mutating func refuse(tag: String, at place: YAMLPlace) {
        self.problems.append(YAMLProblem(.syntax, at: place, "the tag \(tag) is not read here; leave it out"))
    }

    private static func firstPlaceNotUTF8(_ bytes: some Collection<UInt8>) -> YAMLPlace {
        var place = YAMLPlace.start
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue("\n"): place = YAMLPlace(line: place.line + 1, column: 1)
            case .scalarValue: place.column += 1
            case .error, .emptyInput: return place
            }
        }
    }
}

extension YAMLDocument {
    private static func problem(_ error: any Error, in text: String) -> YAMLProblem {
        guard let error = error as? YamlError else { return YAMLProblem(.syntax, at: .start, "\(error)") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let words = [context?.text, problem].compactMap { $0 }.joined(separator: ": ")
            return YAMLProblem(
                .syntax, at: YAMLPlace(line: mark.line, column: mark.column), "this is no YAML: \(words)")
        case .composer(_, let problem, let mark, _):
            let words =
                problem.contains("another document")
                ? "a second document begins here; the file may have only one" : "this is no YAML: \(problem)"
            return YAMLProblem(.syntax, at: YAMLPlace(line: mark.line, column: mark.column), words)
        case .duplicatedKeysInMapping(let keys, let context):
            let first = YAMLPlace(line: context.mark.line, column: context.mark.column)
            let words = keys.map { "'\($0)'" }.joined(separator: ", ")
            return YAMLProblem(
                .syntax, at: self.repetition(of: keys.first ?? "", after: first, in: text) ?? first,
                "the same key more than once: \(words); the first is in line \(first.line)")
        case .reader(let problem, let offset, _, _):
            return YAMLProblem(.syntax, at: self.place(ofCharacter: offset ?? 0, in: text), "\(problem)")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return YAMLProblem(.syntax, at: .start, "the file cannot be read: \(error)")
        }
    }

    /// The place of the second occurrence of a key, in the same column as the first; nil if it is not found that way.
    private static func repetition(of key: String, after first: YAMLPlace, in text: String) -> YAMLPlace? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let rest = line.unicodeScalars.dropFirst(first.column - 1)
            guard line.unicodeScalars.prefix(first.column - 1).allSatisfy({ $0 == " " }) else { continue }
            if [key, "\"\(key)\"", "'\(key)'"].contains(where: { Substring(rest).hasPrefix($0 + ":") }) {
                return YAMLPlace(line: index + 1, column: first.column)
            }
        }
        return nil
    }

    private static func place(ofCharacter offset: Int, in text: String) -> YAMLPlace {
        let before = text.prefix(offset)
        let line = before.reduce(1) { $0 + ($1.isNewline ? 1 : 0) }
        let column = before.reversed().prefix { !$0.isNewline }.count + 1
        return YAMLPlace(line: line, column: column)
    }
}
