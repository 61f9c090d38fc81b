//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Why a deployment was not planned, or stopped: what happened, and what to do.
public struct DeployError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalid, conflict, generation, notDeployed, failed, crashed, busy, unconfirmed
        }
        private let kind: Kind

        /// What is to be deployed cannot be: a file that is too large, a name that is taken.
        public static let invalid = Code(kind: .invalid)
        /// What is there contradicts what is wanted, and nothing says that it may be replaced.
        public static let conflict = Code(kind: .conflict)
        /// The app has a database of the other generation of Lakebase.
        public static let generation = Code(kind: .generation)
        /// There is nothing yet that could be updated.
        public static let notDeployed = Code(kind: .notDeployed)
        /// A step failed.
        public static let failed = Code(kind: .failed)
        /// The new version of the app does not run.
        public static let crashed = Code(kind: .crashed)
        /// Another deployment is at work for too long.
        public static let busy = Code(kind: .busy)
        /// Data was to be deleted, and its name was not given.
        public static let unconfirmed = Code(kind: .unconfirmed)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened.
    public var message: String
    /// What belongs to it, a line each: both sides of a conflict, the last lines of a log.
    public var details: [String]
    /// What to do.
    public var remedy: String?
    /// The error beneath this one.
    public var underlying: (any Error)?

    /// An error of the given kind.
    public init(
        _ code: Code, _ message: String, details: [String] = [], remedy: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.remedy = remedy
        self.underlying = underlying
    }
}

extension DeployError: CustomStringConvertible {
    /// What happened, the details, and what to do, a line each.
    public var description: String {
        ([self.message] + self.details.map { "    \($0)" } + [self.remedy.map { "to go on: \($0)" }].compactMap { $0 })
            .joined(separator: "\n")
    }
}
