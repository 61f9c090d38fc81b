//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExplainedErrors

/// Why a deployment was not planned, or stopped, and what to do about it.
public struct DeployError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, CaseIterable {
            case invalid, conflict, generation, notDeployed, failed, crashed, busy, unconfirmed
        }

        private let kind: Kind

        /// What is to be deployed cannot be deployed: a file is too large, a name is taken.
        public static let invalid = Code(kind: .invalid)
        /// What exists contradicts what is wanted, and nothing says that it may be replaced.
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

        /// Every code.
        package static var all: [Code] { Kind.allCases.map { Code(kind: $0) } }

        /// What to do about a failure of this kind when nothing closer is known.
        var remedy: String {
            switch self.kind {
            case .invalid: "correct deployment.yaml or the files, and run this again"
            case .conflict: "resolve the conflict, and run this again"
            case .generation: "set the generation in deployment.yaml back, or detach the database from the app"
            case .notDeployed: "create the environment first"
            case .failed: "correct what the error names, and run this again: what is done stays done"
            case .crashed: "correct the app, and deploy it again"
            case .busy: "wait until it ends, and run this again"
            case .unconfirmed: "give the name of the data exactly to delete it"
            }
        }

        /// The command that shows more about a failure of this kind.
        var command: String? {
            switch self.kind {
            case .notDeployed: "lakebase deploy apply --env NAME"
            case .crashed: "lakebase deploy update --env NAME"
            case .busy: "lakebase deploy status --env NAME"
            case .invalid, .conflict, .generation, .failed, .unconfirmed: nil
            }
        }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened.
    public var message: String
    /// More about this case, a line each: both sides of a conflict, the last lines of a log.
    public var details: [String]
    /// What to do about it.
    public var remedy: String?
    /// The command that shows more or mends it.
    public var command: String?
    /// The error behind this one.
    public var underlying: (any Error)?

    /// An error of the given kind; remedy and command are those of the kind when left out.
    public init(
        _ code: Code, _ message: String, details: [String] = [], remedy: String? = nil, command: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.remedy = remedy ?? code.remedy
        self.command = command ?? (remedy == nil ? code.command : nil)
        self.underlying = underlying
    }
}

extension DeployError: ExplainedError {}

extension DeployError: CustomStringConvertible {
    /// The stable name of the kind of failure, such as `deploy.conflict`.
    public var id: String { "deploy.\(self.code)" }

    /// What happened, then the details, the remedy and the command, a line each.
    public var description: String { self.explanation }
}
