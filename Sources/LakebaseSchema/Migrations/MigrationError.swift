//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
internal import ExactText
internal import ExplainedErrors

/// Why migrations did not run: the file, the line and the statement, and what to do about it.
public struct MigrationError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, CaseIterable {
            case invalid, edited, missing, outOfOrder, locked, failed, irreversible, history
        }

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
        /// A migration cannot be undone.
        public static let irreversible = Code(kind: .irreversible)
        /// The table of applied migrations cannot be used.
        public static let history = Code(kind: .history)

        /// The code's name.
        public var description: String { self.kind.rawValue }

        /// Every code.
        package static var all: [Code] { Kind.allCases.map { Code(kind: $0) } }

        /// What to do about a failure of this kind when nothing closer is known.
        var remedy: String {
            switch self.kind {
            case .invalid: "correct the file, and run the migrations again"
            case .edited: "undo the change, and write a new migration instead"
            case .missing: "restore the file, or use the program that it belongs to"
            case .outOfOrder: "give it a newer number, or allow older migrations to run"
            case .locked: "wait until the other migrator ends, and run the migrations again"
            case .failed: "correct the statement, and run the migrations again"
            case .irreversible: "write the file that undoes it, or restore an earlier state of the branch"
            case .history: "log in as a role that may create and read this table, or choose another schema for it"
            }
        }

        /// The command that shows more about a failure of this kind.
        var command: String? {
            switch self.kind {
            case .edited: "lakebase migrate new NAME"
            case .missing: "lakebase migrate status"
            case .outOfOrder: "lakebase migrate up --out-of-order"
            case .locked: "lakebase migrate status"
            case .failed: "lakebase migrate status"
            case .history: "lakebase migrate status --history-schema NAME"
            case .invalid, .irreversible: nil
            }
        }
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
    /// What to do about it.
    public var remedy: String?
    /// The command that shows more or mends it.
    public var command: String?
    /// The server's error.
    public var underlying: PQError?

    /// An error of the given kind; remedy and command are those of the kind when left out.
    public init(
        _ code: Code, _ message: String, file: String? = nil, line: Int? = nil, statement: String? = nil,
        remedy: String? = nil, command: String? = nil, underlying: PQError? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.statement = statement
        self.remedy = remedy ?? code.remedy
        self.command = command ?? (remedy == nil ? code.command : nil)
        self.underlying = underlying
    }
}

extension MigrationError: ExplainedError {
    /// `FILE:LINE: message`, as far as file and line are known.
    package var headline: String {
        let place = [self.file, self.line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return place.isEmpty ? self.message : "\(place): \(self.message)"
    }

    /// The first lines of the statement.
    package var details: [String] { self.statement.map(SQLScript.excerptLines) ?? [] }
}

extension MigrationError: CustomStringConvertible {
    /// The stable name of the kind of failure, such as `migration.edited`.
    public var id: String { "migration.\(self.code)" }

    /// `FILE:LINE: what happened`, then the first lines of the statement, the remedy and the command.
    public var description: String { self.explanation }
}
