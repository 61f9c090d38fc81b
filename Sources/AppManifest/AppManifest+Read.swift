//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import StrictYAML

extension AppManifest {
    /// How to handle keys without a meaning, and invalid variables.
    public enum Strictness: Sendable, Hashable {
        /// They are errors.
        case strict
        /// They are corrected or left out, each with a warning, because the platform starts apps that have them.
        case lenient
    }

    /// Reads `app.yaml`; an empty file gives an empty manifest.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the file.
    ///   - file: The name of the file in errors.
    ///   - strictness: How to handle keys without a meaning.
    /// - Returns: The manifest, and the keys that were left out; none when reading is strict.
    /// - Throws: All mistakes at once.
    public static func read(
        _ bytes: some Collection<UInt8>, file: String = "app.yaml", _ strictness: Strictness = .strict
    ) throws(YAMLFileError) -> (manifest: AppManifest, warnings: [YAMLProblem]) {
        let document = YAMLDocument(bytes, file: file)
        var checker = YAMLChecker()
        var variables = YAMLChecker()
        var manifest = AppManifest()
        if let root = document.root, root.content != .scalar(YAMLScalar("", isQuoted: false)) {
            checker.check(root, Self.shape, file)
            if let command = root["command"] { manifest.command = Self.command(command, &checker) }
            if let env = root["env"] { variables.check(env, Self.environmentShape, "env") }
            manifest.env = Self.variables(root["env"]?.items ?? [], &variables)
            if strictness == .lenient { manifest.env.removeAll { !Self.canBeSet($0.name) } }
        }
        // Both have the problems of the variables, except those that no shape can express.
        let problems =
            document.problems + checker.problems + variables.problems.filter { !checker.problems.contains($0) }
        let warnings =
            strictness == .lenient
            ? problems.filter { $0.kind == .unknownKey || variables.problems.contains($0) } : []
        let mistakes = problems.filter { !warnings.contains($0) }
        guard mistakes.isEmpty else { throw YAMLFileError(file: file, problems: mistakes) }
        return (manifest, warnings)
    }

    /// Reads a command from a list, or from a line that is split at spaces outside quotes; no shell is involved.
    public static func command(_ value: YAMLValue, _ checker: inout YAMLChecker) -> [String] {
        var words: [String] = []
        switch value.content {
        case .list(let items): words = items.compactMap(\.text)
        case .scalar:
            guard let split = CommandLine.words(value.text ?? "") else {
                checker.report("a quote is not closed in 'command'; write the command as a list", at: value.place)
                return []
            }
            words = split
        case .mapping: return []
        }
        if words.first?.isEmpty ?? true {
            checker.report("'command' has no program; leave the key out or name one", at: value.place)
        }
        return words
    }

    /// Whether a process can have a variable of that name.
    private static func canBeSet(_ name: String) -> Bool {
        !name.utf8.isEmpty && name.utf8.allSatisfy { $0 != UInt8(ascii: "=") && $0 != 0 }
    }

    private static func variables(_ items: [YAMLValue], _ checker: inout YAMLChecker) -> [Variable] {
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let name = item["name"] else { return nil }
            if let text = name.text, !seen.insert(text).inserted {
                checker.report("the variable '\(text.forError)' occurs twice", at: name.place)
            }
            let source = item["value"]?.text.map(Source.value) ?? item["valueFrom"]?.text.map(Source.valueFrom)
            guard let text = name.text, let source else { return nil }
            return Variable(text, source)
        }
    }
}

/// A command in one line.
enum CommandLine {
    /// The words of a line; nothing if a quote is not closed.
    ///
    /// It is split at spaces. Single and double quotes and backslashes keep characters together, as in a shell, and
    /// nothing is expanded.
    static func words(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                word = word ?? ""
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
