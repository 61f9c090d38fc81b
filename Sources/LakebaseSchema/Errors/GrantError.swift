//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

/// Why grants were not made.
public struct GrantError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String { case invalid, unknownRole, unknownSchema, unknownObject, failed, ineffective }
        private let kind: Kind

        /// The set cannot be.
        public static let invalid = Code(kind: .invalid)
        /// A role is not there.
        public static let unknownRole = Code(kind: .unknownRole)
        /// The schema is not there.
        public static let unknownSchema = Code(kind: .unknownSchema)
        /// An object is not there.
        public static let unknownObject = Code(kind: .unknownObject)
        /// The server refused a statement.
        public static let failed = Code(kind: .failed)
        /// The server took every statement, and the privileges are not there all the same.
        public static let ineffective = Code(kind: .ineffective)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened.
    public var message: String
    /// The statement that was refused.
    public var statement: String?
    /// What is not there.
    public var missing: [String]
    /// What the server said.
    public var underlying: PQError?

    /// An error of the given kind.
    public init(
        _ code: Code, _ message: String, statement: String? = nil, missing: [String] = [], underlying: PQError? = nil
    ) {
        self.code = code
        self.message = message
        self.statement = statement
        self.missing = missing
        self.underlying = underlying
    }
}

extension GrantError: CustomStringConvertible {
    /// What happened, the statement, and what is not there, a line each.
    public var description: String {
        ([self.message] + [self.statement].compactMap { $0 } + self.missing).joined(separator: "\n    ")
    }
}
