//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExplainedErrors

/// Why roles, or what they own, could not be read or changed, and what to do about it.
public struct RoleError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, CaseIterable {
            case invalid, unknownRole, unknownSchema, conflict, inUse, notAllowed, failed, ineffective
        }

        private let kind: Kind

        /// A name or a request is not possible.
        public static let invalid = Code(kind: .invalid)
        /// A role does not exist.
        public static let unknownRole = Code(kind: .unknownRole)
        /// The schema does not exist.
        public static let unknownSchema = Code(kind: .unknownSchema)
        /// A role of that name exists, and it is of another kind or logs in in another way.
        public static let conflict = Code(kind: .conflict)
        /// The role owns or has something, so that it cannot be deleted.
        public static let inUse = Code(kind: .inUse)
        /// The role that logged in lacks the right.
        public static let notAllowed = Code(kind: .notAllowed)
        /// The server or the workspace refused.
        public static let failed = Code(kind: .failed)
        /// The server accepted the change without an error, and the catalogue does not show it.
        public static let ineffective = Code(kind: .ineffective)

        /// The code's name.
        public var description: String { self.kind.rawValue }

        /// Every code.
        package static var all: [Code] { Kind.allCases.map { Code(kind: $0) } }

        /// What to do about a failure of this kind when nothing closer is known.
        var remedy: String {
            switch self.kind {
            case .invalid: "correct the name or the request"
            case .unknownRole: "choose a role that exists, or create it"
            case .unknownSchema: "name a schema of this database"
            case .conflict: "delete that role after giving what it owns to another one, or use another identity"
            case .inUse: "give what it owns to another role first"
            case .notAllowed: "run this as a role that has the right"
            case .failed: "correct what the error names, and run this again"
            case .ineffective: "look at the roles again in a moment"
            }
        }

        /// The command that shows more about a failure of this kind.
        var command: String? {
            switch self.kind {
            case .invalid: "lakebase roles --help"
            case .unknownRole: "lakebase roles list"
            case .conflict: "lakebase roles list"
            case .inUse: "lakebase grants transfer --from ROLE --to OTHER"
            case .ineffective: "lakebase roles list"
            case .unknownSchema, .notAllowed, .failed: nil
            }
        }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened.
    public var message: String
    /// The statement that was refused, or that a role with the right has to run.
    public var statement: String?
    /// The objects it is about, one line each.
    public var objects: [String]
    /// What to do about it.
    public var remedy: String?
    /// The command that shows more or mends it.
    public var command: String?
    /// The error of the server or the workspace.
    public var underlying: (any Error)?

    /// An error of the given kind; remedy and command are those of the kind when left out.
    public init(
        _ code: Code, _ message: String, statement: String? = nil, objects: [String] = [], remedy: String? = nil,
        command: String? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.statement = statement
        self.objects = objects
        self.remedy = remedy ?? code.remedy
        self.command = command ?? (remedy == nil ? code.command : nil)
        self.underlying = underlying
    }
}

extension RoleError: ExplainedError {
    /// The statement, and the first twenty objects.
    package var details: [String] {
        let more = self.objects.count > 20 ? ["and \(self.objects.count - 20) more"] : []
        return [self.statement].compactMap { $0 } + self.objects.prefix(20) + more
    }
}

extension RoleError: CustomStringConvertible {
    /// The stable name of the kind of failure, such as `role.inUse`.
    public var id: String { "role.\(self.code)" }

    /// What happened, then the statement, the first twenty objects, the remedy and the command, a line each.
    public var description: String { self.explanation }
}

extension RoleError {
    /// The role was created without an error, and the list of roles does not have it.
    static func notListed(_ name: String) -> RoleError {
        RoleError(.ineffective, "the role \(name) was created without an error, and is not in the list of roles")
    }

    /// The server refused a statement.
    static func refused(_ statement: String, by error: PQError) -> RoleError {
        let code: Code = error.sqlState == .insufficientPrivilege ? .notAllowed : .failed
        return RoleError(
            code, "the server refused: \(error.message)\(error.hint.map { " (\($0))" } ?? "")", statement: statement,
            underlying: error)
    }
}
