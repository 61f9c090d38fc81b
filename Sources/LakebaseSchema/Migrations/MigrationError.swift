//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

/// Why migrations did not run: which file, which line, which statement.
public struct MigrationError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String { case invalid, edited, missing, outOfOrder, locked, failed, irreversible, history }
        private let kind: Kind

        /// A file or its name cannot be used.
        public static let invalid = Code(kind: .invalid)
        /// A migration was changed after it ran.
        public static let edited = Code(kind: .edited)
        /// A migration that ran is not among the files.
        public static let missing = Code(kind: .missing)
        /// A migration that did not run is older than one already applied.
        public static let outOfOrder = Code(kind: .outOfOrder)
        /// Another migrator was at work for too long.
        public static let locked = Code(kind: .locked)
        /// The server refused a statement.
        public static let failed = Code(kind: .failed)
        /// A migration has no way back.
        public static let irreversible = Code(kind: .irreversible)
        /// The table of what ran cannot be used.
        public static let history = Code(kind: .history)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened, without values of rows.
    public var message: String
    /// The file.
    public var file: String?
    /// The line in it, counted from 1.
    public var line: Int?
    /// The statement.
    public var statement: String?
    /// What the server said.
    public var underlying: PQError?

    /// An error of the given kind.
    public init(
        _ code: Code, _ message: String, file: String? = nil, line: Int? = nil, statement: String? = nil,
        underlying: PQError? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.statement = statement
        self.underlying = underlying
    }
}

extension MigrationError: CustomStringConvertible {
    /// `FILE:LINE: what happened`, and the first lines of the statement below it.
    public var description: String {
        let place = [self.file, self.line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        var text = place.isEmpty ? self.message : "\(place): \(self.message)"
        if let statement { text += "\n" + SQLScript.excerpt(statement) }
        return text
    }
}
