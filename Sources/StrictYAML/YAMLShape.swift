//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The shape of a value: the one table by which files are checked and from which their descriptions are made.
public indirect enum YAMLShape: Sendable, Hashable {
    /// Text, by a rule.
    case text(YAMLTextRule)
    /// Text, a number or a boolean, read as it is written.
    case anyScalar(YAMLTextRule)
    /// `true` or `false`.
    case boolean
    /// A decimal number within limits.
    case number(ClosedRange<Double>)
    /// One of some words.
    case choice([String])
    /// A list of values of one shape.
    case list(YAMLShape)
    /// A mapping whose keys are names that the file chooses.
    case named(YAMLTextRule, YAMLShape)
    /// A mapping with certain keys.
    case object(YAMLObject)
    /// A mapping whose keys depend on the value of one of them, which is a choice.
    case variants(key: String, [YAMLVariant])
    /// One of several shapes, which differ in being scalar, list or mapping.
    case either([YAMLShape])
}

/// A rule for text.
public struct YAMLTextRule: Sendable, Hashable {
    /// The name of the value in errors: `the name of an app`.
    public var what: String
    /// A regular expression for the whole text, in what Swift and ECMAScript have in common; nothing for any text.
    public var pattern: String?
    /// The rule in words; used with `pattern`.
    public var words: String
    /// The allowed number of Unicode scalars.
    public var length: ClosedRange<Int>

    /// A rule from its parts.
    public init(_ what: String, pattern: String? = nil, words: String = "", length: ClosedRange<Int> = 1...65536) {
        self.what = what
        self.pattern = pattern
        self.words = words
        self.length = length
    }
}

/// A mapping with certain keys.
public struct YAMLObject: Sendable, Hashable {
    /// The name of the object in errors and descriptions.
    public var what: String
    /// The keys that it may have.
    public var keys: [YAMLKey]
    /// Keys of which exactly one is required.
    public var exactlyOne: [String]

    /// An object from its parts.
    public init(_ what: String, _ keys: [YAMLKey], exactlyOne: [String] = []) {
        self.what = what
        self.keys = keys
        self.exactlyOne = exactlyOne
    }
}

/// A key of an object.
public struct YAMLKey: Sendable, Hashable {
    /// The key.
    public var name: String
    /// Whether the key is required.
    public var isRequired: Bool
    /// The shape of its value.
    public var shape: YAMLShape
    /// The purpose of the key, in a sentence or two.
    public var summary: String

    /// A key from its parts.
    public init(_ name: String, _ shape: YAMLShape, isRequired: Bool = false, _ summary: String) {
        self.name = name
        self.isRequired = isRequired
        self.shape = shape
        self.summary = summary
    }
}

/// The keys of an object when the deciding key has a certain value.
public struct YAMLVariant: Sendable, Hashable {
    /// The value of the deciding key.
    public var value: String
    /// The keys, without the deciding one.
    public var object: YAMLObject

    /// A variant from its parts.
    public init(_ value: String, _ object: YAMLObject) {
        self.value = value
        self.object = object
    }
}
