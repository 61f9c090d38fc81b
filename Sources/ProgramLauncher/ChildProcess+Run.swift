//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension ChildProcess {
    /// What a short program left.
    package struct Result: Sendable {
        /// The exit status, or 128 plus the number of the signal that ended it.
        package var status: Int32
        /// What it wrote to both outputs, as text; the first 256 KiB.
        package var output: String
    }

    /// Runs a short program to its end, as a ``Program``.
    ///
    /// - Parameters:
    ///   - program: An absolute path.
    ///   - input: What it reads from standard input.
    ///   - environment: All of the environment.
    ///   - endsWithTask: Whether it ends early when the task is cancelled; then this throws `CancellationError`. Only for what may be
    ///     left half done.
    package static func run(
        _ program: String, _ arguments: [String], input: [UInt8]? = nil,
        environment: [String: String] = ChildProcess.plainEnvironment, endsWithTask: Bool = false
    ) async throws -> Result {
        let short = Program(
            program, arguments, environment: .exactly(environment), input: input.map { .bytes($0) } ?? .none)
        let outcome: Program.Outcome
        if endsWithTask {
            outcome = try await short.collectingOutput(.keep(first: 256 << 10), combined: true)
        } else {
            // A task of its own does not inherit the cancellation.
            outcome = try await Task { try await short.collectingOutput(.keep(first: 256 << 10), combined: true) }
                .value
        }
        return Result(status: outcome.status.shellStatus, output: outcome.text)
    }
}
