//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A position in a YAML file.
public struct YAMLPlace: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// From 1, counted in Unicode scalars, as editors and libyaml do.
    public var column: Int

    /// Creates a place from line and column.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The beginning of a file.
    public static let start = YAMLPlace(line: 1, column: 1)

    /// Compares by the order in the file.
    public static func < (left: YAMLPlace, right: YAMLPlace) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    /// `LINE:COLUMN`.
    public var description: String { "\(self.line):\(self.column)" }
}

/// One mistake in a YAML file.
public struct YAMLProblem: Sendable, Hashable {
    /// The kind of mistake.
    public enum Kind: Sendable, Hashable {
        /// The file is not YAML, or uses a part of YAML that is not supported here.
        case syntax
        /// A key that has no meaning at its place.
        case unknownKey
        /// A value that is missing, has the wrong type or breaks a rule.
        case value
    }

    /// The kind of mistake.
    public var kind: Kind
    /// The place of the mistake.
    public var place: YAMLPlace
    /// The mistake and its remedy, without the place.
    public var message: String

    /// Creates a mistake.
    public init(_ kind: Kind, at place: YAMLPlace, _ message: String) {
        self.kind = kind
        self.place = place
        self.message = message
    }
}

/// All mistakes of one file.
public struct YAMLFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the file.
    public var file: String
    /// The mistakes, in the order of the file; at least one.
    public var problems: [YAMLProblem]

    /// Creates an error.
    public init(file: String, problems: [YAMLProblem]) {
        self.file = file
        var seen: Set<YAMLProblem> = []
        self.problems = problems.filter { seen.insert($0).inserted }.sorted { $0.place < $1.place }
    }

    /// A line for each mistake: `FILE:LINE:COLUMN: message`.
    public var description: String {
        self.problems.map { "\(self.file):\($0.place): \($0.message)" }.joined(separator: "\n")
    }
}
