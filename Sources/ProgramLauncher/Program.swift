//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A program of this machine, and how to run it.
///
/// It runs in a session of its own: without a terminal it cannot stop to ask for a password, and all that it starts can be ended
/// with it. What must share our terminal or outlive a call, such as `psql` or a server, is a ``ChildProcess``.
package struct Program: Sendable {
    /// The file, when there is a slash in it; otherwise a name that is looked up in `PATH`.
    package var name: String
    package var arguments: [String]
    package var environment: Environment
    /// The folder it runs in; ours when nil.
    package var workingFolder: String?
    package var input: Input
    /// How long it may run; as long as it likes when nil.
    package var timeLimit: Duration?
    /// How long it has to end after SIGTERM before SIGKILL ends it.
    package var grace: Duration

    /// The variables it gets.
    package enum Environment: Sendable {
        /// Ours with changes; nil takes a variable away.
        case inherited(changes: [String: String?])
        case exactly([String: String])

        /// Ours.
        package static let inherited = Environment.inherited(changes: [:])
    }

    /// What it reads from its standard input.
    package enum Input: Sendable {
        case none
        case bytes([UInt8])
    }

    package init(
        _ name: String, _ arguments: [String] = [], environment: Environment = .inherited, workingFolder: String? = nil,
        input: Input = .none, timeLimit: Duration? = nil, grace: Duration = .seconds(5)
    ) {
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.workingFolder = workingFolder
        self.input = input
        self.timeLimit = timeLimit
        self.grace = grace
    }
}

extension Program {
    /// What to do with output beyond a number of bytes.
    package enum OutputLimit: Sendable {
        /// End the program, and fail with ``ProgramError/tooMuchOutput(program:limit:)``.
        case refuse(beyond: Int)
        /// Keep the first bytes and let the program run on.
        case keep(first: Int)
    }

    /// What a program left.
    package struct Outcome: Sendable {
        package var status: ProgramStatus
        /// What it wrote to its standard output.
        package var output: [UInt8]
        /// What it wrote to its standard error.
        package var errors: [UInt8]

        /// The standard output as text.
        package var text: String { String(decoding: self.output, as: UTF8.self) }
    }
}
