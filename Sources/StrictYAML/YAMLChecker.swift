//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Compares values with shapes and collects every mistake.
public struct YAMLChecker: Sendable {
    /// The mistakes so far.
    public private(set) var problems: [YAMLProblem] = []

    /// Creates a checker without mistakes.
    public init() {}

    /// Reports a mistake that no shape can express.
    public mutating func report(_ message: String, at place: YAMLPlace) {
        self.problems.append(YAMLProblem(.value, at: place, message))
    }

    /// Compares a value with a shape.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - shape: What it has to be.
    ///   - name: What it is called in errors: its key.
    public mutating func check(_ value: YAMLValue, _ shape: YAMLShape, _ name: String) {
        switch shape {
        case .text(let rule): self.text(value, rule, name, strict: true)
        case .anyScalar(let rule): self.text(value, rule, name, strict: false)
        case .boolean:
            if value.boolean == nil { self.wrongType(value, "true or false", name) }
        case .number(let range):
            guard let number = value.number else { return self.wrongType(value, "a number", name) }
            if !range.contains(number) {
                self.report(
                    "'\(name)' has to be from \(Self.words(range.lowerBound)) to \(Self.words(range.upperBound))",
                    at: value.place)
            }
        case .choice(let words): self.choice(value, words, name)
        case .list(let shape):
            guard case .list(let items) = value.content else { return self.wrongType(value, "a list", name) }
            for (index, item) in items.enumerated() { self.check(item, shape, "\(name)[\(index + 1)]") }
        case .named(let rule, let shape):
            guard case .mapping(let entries) = value.content else { return self.wrongType(value, "a mapping", name) }
            for entry in entries {
                self.rule(rule, entry.key, at: entry.place)
                self.check(entry.value, shape, entry.key)
            }
        case .object(let object):
            guard case .mapping(let entries) = value.content else { return self.wrongType(value, "a mapping", name) }
            self.object(entries, object, name, at: value.place)
        case .variants(let key, let variants): self.variants(value, key, variants, name)
        case .either(let shapes):
            guard let fit = shapes.first(where: { $0.fits(value) }) else {
                return self.wrongType(value, shapes.map(\.inWords).joined(separator: ", or "), name)
            }
            self.check(value, fit, name)
        }
    }

    private mutating func wrongType(_ value: YAMLValue, _ wanted: String, _ name: String) {
        self.report("'\(name)' has to be \(wanted), and is \(value.kindInWords)", at: value.place)
    }

    private mutating func text(_ value: YAMLValue, _ rule: YAMLTextRule, _ name: String, strict: Bool) {
        guard case .scalar(let scalar) = value.content, scalar.kind != .null else {
            return self.wrongType(value, rule.what, name)
        }
        if strict, scalar.kind != .text {
            self.report(
                "'\(name)' has to be text, and is \(value.kindInWords); put it in quotes: \"\(scalar.text)\"",
                at: value.place)
            return
        }
        self.rule(rule, scalar.text, at: value.place)
    }

    private mutating func rule(_ rule: YAMLTextRule, _ text: String, at place: YAMLPlace) {
        if let mistake = rule.mistake(in: text) { self.report(mistake, at: place) }
    }

    private mutating func choice(_ value: YAMLValue, _ words: [String], _ name: String) {
        guard let text = value.text else {
            return self.wrongType(value, "one of \(words.joined(separator: ", "))", name)
        }
        if words.contains(text) { return }
        self.report(
            "'\(name)' cannot be '\(text.forError)', only one of \(words.joined(separator: ", "))"
                + Self.suggestion(text, words), at: value.place)
    }

    private mutating func variants(
        _ value: YAMLValue, _ key: String, _ variants: [YAMLVariant], _ name: String
    ) {
        guard case .mapping(let entries) = value.content else { return self.wrongType(value, "a mapping", name) }
        let words = variants.map(\.value)
        guard let entry = entries.first(where: { $0.key == key }) else {
            let known = [key] + variants.flatMap { $0.object.keys.map(\.name) }
            for entry in entries where !known.contains(entry.key) { self.unknown(entry, known, "") }
            return self.report(
                "'\(name)' needs the key '\(key)': \(words.joined(separator: " or "))", at: value.place)
        }
        self.choice(entry.value, words, key)
        guard let variant = variants.first(where: { $0.value == entry.value.text }) else { return }
        let rest = entries.filter { other in
            guard other.key != key, !variant.object.keys.contains(where: { $0.name == other.key }),
                let owner = variants.first(where: { $0.object.keys.contains { $0.name == other.key } })
            else { return other.key != key }
            self.problems.append(
                YAMLProblem(
                    .unknownKey, at: other.place,
                    "'\(other.key)' belongs to \(key) \(owner.value), and this is \(key) \(variant.value)"))
            return false
        }
        self.object(rest, variant.object, name, at: value.place)
    }

    private mutating func object(
        _ entries: [YAMLEntry], _ object: YAMLObject, _ name: String, at place: YAMLPlace
    ) {
        for entry in entries {
            guard let key = object.keys.first(where: { $0.name == entry.key }) else {
                self.unknown(entry, object.keys.map(\.name), " in \(object.what)")
                continue
            }
            self.check(entry.value, key.shape, key.name)
        }
        let there = Set(entries.map(\.key))
        for key in object.keys where key.isRequired && !there.contains(key.name) {
            self.report("\(object.what) needs the key '\(key.name)': \(key.summary.asPartOfSentence)", at: place)
        }
        let given = object.exactlyOne.filter(there.contains)
        if !object.exactlyOne.isEmpty, given.count != 1 {
            let words = object.exactlyOne.map { "'\($0)'" }.joined(separator: " or ")
            self.report(
                "\(object.what) needs \(given.isEmpty ? "" : "only one of ")\(words)", at: place)
        }
    }

    private mutating func unknown(_ entry: YAMLEntry, _ keys: [String], _ what: String) {
        let suggestion = Self.suggestion(entry.key, keys)
        let known = suggestion.isEmpty ? "; known: \(keys.joined(separator: ", "))" : suggestion
        self.problems.append(
            YAMLProblem(
                .unknownKey, at: entry.place, "there is no key '\(entry.key.forError)'\(what)\(known)"))
    }

    private static func suggestion(_ word: String, _ words: [String]) -> String {
        Spelling.nearest(to: word, in: words).map { "; did you mean '\($0)'?" } ?? ""
    }

    private static func words(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }
}

extension YAMLTextRule {
    /// How a text breaks this rule; nil if it does not.
    public func mistake(in text: String) -> String? {
        let shown = text.forError
        if text.unicodeScalars.contains("\0") { return "\(self.what) cannot have a null character in it" }
        let count = text.unicodeScalars.count
        if count < self.length.lowerBound, count == 0 { return "\(self.what) cannot be empty" }
        if !self.length.contains(count) {
            let (least, most) = (self.length.lowerBound, self.length.upperBound)
            let allowed = least == most ? "it has to have \(most)" : "\(least) to \(most) are allowed"
            return "'\(shown)' cannot be \(self.what): it has \(count) characters, and \(allowed)"
        }
        guard let pattern = self.pattern else { return nil }
        if let regex = try? Regex(pattern), (try? regex.wholeMatch(in: text)) != nil { return nil }
        return "'\(shown)' cannot be \(self.what): \(self.words)"
    }
}

extension YAMLShape {
    /// Whether a value is of the kind that this shape checks further.
    func fits(_ value: YAMLValue) -> Bool {
        switch (self, value.content) {
        case (.list, .list), (.named, .mapping), (.object, .mapping), (.variants, .mapping): true
        case (.anyScalar, .scalar): true
        case (.boolean, .scalar): value.boolean != nil
        case (.number, .scalar): value.number != nil
        case (.text, .scalar(let scalar)), (.choice, .scalar(let scalar)): scalar.kind == .text
        case (.either(let shapes), _): shapes.contains { $0.fits(value) }
        case (.list, _), (.named, _), (.object, _), (.variants, _), (.anyScalar, _), (.boolean, _), (.number, _),
            (.text, _), (.choice, _):
            false
        }
    }

    var inWords: String {
        switch self {
        case .text(let rule), .anyScalar(let rule): rule.what
        case .boolean: "true or false"
        case .number: "a number"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .list: "a list"
        case .named, .variants: "a mapping"
        case .object(let object): "a mapping with \(object.keys.map(\.name).joined(separator: ", "))"
        case .either(let shapes): shapes.map(\.inWords).joined(separator: ", or ")
        }
    }
}

extension String {
    /// The text on one line of an error: short, and without control characters.
    package var forError: String {
        var text = ""
        for character in self.unicodeScalars.prefix(100) {
            text +=
                character.properties.generalCategory == .control ? character.escaped(asASCII: true) : String(character)
        }
        return self.unicodeScalars.count > 100 ? text + "…" : text
    }

    /// The text without a capital and a full stop; an abbreviation keeps its capitals.
    fileprivate var asPartOfSentence: String {
        let text = self.hasSuffix(".") ? String(self.dropLast()) : self
        guard let second = text.dropFirst().first, second.isLowercase || second == " " else { return text }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
