//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
internal import ExplainedErrors

/// Why privileges were not granted or revoked, and what to do about it.
public struct GrantError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, CaseIterable {
            case invalid, unknownRole, unknownSchema, unknownObject, failed, ineffective
        }

        private let kind: Kind

        /// The set of privileges is not possible.
        public static let invalid = Code(kind: .invalid)
        /// A role does not exist.
        public static let unknownRole = Code(kind: .unknownRole)
        /// The schema does not exist.
        public static let unknownSchema = Code(kind: .unknownSchema)
        /// An object does not exist.
        public static let unknownObject = Code(kind: .unknownObject)
        /// The server refused a statement.
        public static let failed = Code(kind: .failed)
        /// The server accepted every statement, and the privileges are still missing.
        public static let ineffective = Code(kind: .ineffective)

        /// The code's name.
        public var description: String { self.kind.rawValue }

        /// Every code.
        package static var all: [Code] { Kind.allCases.map { Code(kind: $0) } }

        /// What to do about a failure of this kind when nothing closer is known.
        var remedy: String {
            switch self.kind {
            case .invalid: "correct the privileges that are asked for"
            case .unknownRole: "create the role first"
            case .unknownSchema: "create the schema first, or name another one"
            case .unknownObject: "name only objects that are in the schema"
            case .failed: "run this as the owner of the objects, or as a role that may grant these privileges"
            case .ineffective: "run this as the owner of the objects"
            }
        }

        /// The command that shows more about a failure of this kind.
        var command: String? {
            switch self.kind {
            case .invalid: "lakebase grants apply --help"
            case .unknownRole: "lakebase roles create ROLE"
            case .unknownSchema: "CREATE SCHEMA NAME;"
            case .unknownObject, .failed, .ineffective: nil
            }
        }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened.
    public var message: String
    /// The statement that was refused.
    public var statement: String?
    /// The missing privileges or objects, a line each.
    public var missing: [String]
    /// What to do about it.
    public var remedy: String?
    /// The command that shows more or mends it.
    public var command: String?
    /// The server's error.
    public var underlying: PQError?

    /// An error of the given kind; remedy and command are those of the kind when left out.
    public init(
        _ code: Code, _ message: String, statement: String? = nil, missing: [String] = [], remedy: String? = nil,
        command: String? = nil, underlying: PQError? = nil
    ) {
        self.code = code
        self.message = message
        self.statement = statement
        self.missing = missing
        self.remedy = remedy ?? code.remedy
        self.command = command ?? (remedy == nil ? code.command : nil)
        self.underlying = underlying
    }
}

extension GrantError: ExplainedError {
    /// The statement, and what is missing.
    package var details: [String] { [self.statement].compactMap { $0 } + self.missing }
}

extension GrantError: CustomStringConvertible {
    /// The stable name of the kind of failure, such as `grant.unknownRole`.
    public var id: String { "grant.\(self.code)" }

    /// What happened, then the statement, what is missing, the remedy and the command, a line each.
    public var description: String { self.explanation }
}
