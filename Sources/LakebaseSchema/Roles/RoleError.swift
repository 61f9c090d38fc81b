//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

/// Why something with roles, or with what they own, was not done.
public struct RoleError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalid, unknownRole, unknownSchema, conflict, inUse, notAllowed, failed, ineffective
        }
        private let kind: Kind

        /// A name or a request cannot be.
        public static let invalid = Code(kind: .invalid)
        /// A role is not there.
        public static let unknownRole = Code(kind: .unknownRole)
        /// The schema is not there.
        public static let unknownSchema = Code(kind: .unknownSchema)
        /// There is a role of that name, and it is of another kind or logs in in another way.
        public static let conflict = Code(kind: .conflict)
        /// The role owns or has something, so that it cannot be deleted.
        public static let inUse = Code(kind: .inUse)
        /// The role that logged in has not the right.
        public static let notAllowed = Code(kind: .notAllowed)
        /// The server or the workspace refused.
        public static let failed = Code(kind: .failed)
        /// It was taken without an error, and the catalogue does not show it.
        public static let ineffective = Code(kind: .ineffective)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened, and what to do about it.
    public var message: String
    /// The statement that was refused.
    public var statement: String?
    /// The objects it is about, one line each.
    public var objects: [String]
    /// What the server or the workspace said.
    public var underlying: (any Error)?

    /// An error of the given kind.
    public init(
        _ code: Code, _ message: String, statement: String? = nil, objects: [String] = [],
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.statement = statement
        self.objects = objects
        self.underlying = underlying
    }
}

extension RoleError: CustomStringConvertible {
    /// What happened, the statement, and the first twenty objects, a line each.
    public var description: String {
        var lines = [self.message] + [self.statement].compactMap { $0 } + self.objects.prefix(20)
        if self.objects.count > 20 { lines.append("and \(self.objects.count - 20) more") }
        return lines.joined(separator: "\n    ")
    }
}

extension RoleError {
    /// Making it was taken without an error, and it is not there.
    static func notListed(_ wanted: WantedRole) -> RoleError {
        RoleError(
            .ineffective,
            "the role \(wanted.name) was made without an error, and is not in the list of roles: list them again in a moment"
        )
    }

    /// The server's refusal of a statement, with what it most likely takes.
    static func refused(_ statement: String, by error: PQError) -> RoleError {
        let code: Code = error.sqlState == .insufficientPrivilege ? .notAllowed : .failed
        return RoleError(
            code, "the server refused: \(error.message)\(error.hint.map { " (\($0))" } ?? "")", statement: statement,
            underlying: error)
    }
}
