//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A value of a YAML file, with its place.
public struct YAMLValue: Sendable, Hashable {
    /// The kind of a value with its parts.
    public enum Content: Sendable, Hashable {
        /// Text, a number, a boolean or nothing.
        case scalar(YAMLScalar)
        /// A sequence.
        case list([YAMLValue])
        /// A mapping, in the order of the file; its keys are unique.
        case mapping([YAMLEntry])
    }

    /// The place where the value begins.
    public var place: YAMLPlace
    /// The content of the value.
    public var content: Content

    /// A value from its parts.
    public init(_ content: Content, at place: YAMLPlace) {
        self.place = place
        self.content = content
    }
}

/// A key of a mapping and its value.
public struct YAMLEntry: Sendable, Hashable {
    /// The key.
    public var key: String
    /// The place of the key.
    public var place: YAMLPlace
    /// The value of the key.
    public var value: YAMLValue

    /// An entry from its parts.
    public init(key: String, at place: YAMLPlace, value: YAMLValue) {
        self.key = key
        self.place = place
        self.value = value
    }
}

/// A value without parts, as it is written.
public struct YAMLScalar: Sendable, Hashable {
    /// The text, without quotes and escapes.
    public var text: String
    /// Whether it is text whatever it looks like: in quotes, a block of text, or tagged `!!str`.
    public var isQuoted: Bool

    /// A scalar from its parts.
    public init(_ text: String, isQuoted: Bool) {
        self.text = text
        self.isQuoted = isQuoted
    }

    /// The type of a scalar in YAML.
    public enum Kind: Sendable, Hashable {
        /// Nothing, `~` or `null`.
        case null
        /// `true` or `false`.
        case boolean(Bool)
        /// A decimal number.
        case number(Double)
        /// Anything else.
        case text
    }

    /// The type by the core schema of YAML 1.2, with decimal numbers only: `yes`, `no`, `on` and `off` are text.
    public var kind: Kind {
        if self.isQuoted { return .text }
        switch self.text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        default:
            guard self.text.wholeMatch(of: /[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?/) != nil,
                let number = Double(self.text.hasSuffix(".") ? self.text + "0" : self.text), number.isFinite
            else { return .text }
            return .number(number)
        }
    }
}

extension YAMLValue {
    /// The value of a key, if this is a mapping that has it.
    public subscript(key: String) -> YAMLValue? { self.entries.first { $0.key == key }?.value }

    /// The entries of a mapping; none for anything else.
    public var entries: [YAMLEntry] {
        if case .mapping(let entries) = self.content { entries } else { [] }
    }

    /// The parts of a sequence; none for anything else.
    public var items: [YAMLValue] {
        if case .list(let items) = self.content { items } else { [] }
    }

    /// The text of a scalar other than null, as it is written, also of a number or a boolean.
    public var text: String? {
        if case .scalar(let scalar) = self.content, scalar.kind != .null { scalar.text } else { nil }
    }

    /// The number, if this is one.
    public var number: Double? {
        if case .scalar(let scalar) = self.content, case .number(let number) = scalar.kind { number } else { nil }
    }

    /// The boolean, if this is one.
    public var boolean: Bool? {
        if case .scalar(let scalar) = self.content, case .boolean(let value) = scalar.kind { value } else { nil }
    }

    /// The kind in words: `a list`, `text`.
    var kindInWords: String {
        switch self.content {
        case .list: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar):
            switch scalar.kind {
            case .null: "nothing"
            case .boolean: "a boolean"
            case .number: "a number"
            case .text: "text"
            }
        }
    }
}
