//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// How a program ended.
package enum ProgramStatus: Sendable, Hashable {
    case exited(Int32)
    /// By a signal.
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(0) }

    /// The exit status, or 128 plus the number of the signal, as a shell has it.
    package var shellStatus: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): signal.addingReportingOverflow(128).partialValue
        }
    }
}

extension ProgramStatus: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal): "ended by signal \(signal)"
        }
    }
}

/// Why a program did not run to its end.
package enum ProgramError: Error, Sendable, Hashable {
    /// There is no such program.
    case notFound(program: String)
    /// The folder to run it in cannot be used.
    case workingFolder(String, program: String)
    /// The system does not start it, or its output cannot be read.
    case notStarted(program: String, reason: String)
    /// It ran longer than it may, and was ended.
    case timedOut(program: String, limit: Duration)
    /// It wrote more than it may, and was ended.
    case tooMuchOutput(program: String, limit: Int)
}

extension ProgramError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let program):
            program.utf8.contains(UInt8(ascii: "/"))
                ? "there is no program \(program)"
                : "\(program) is not installed, or PATH does not name its folder"
        case .workingFolder(let folder, let program): "\(program) cannot run in \(folder): check that the folder exists"
        case .notStarted(let program, let reason): "\(program) cannot be started: \(reason)"
        case .timedOut(let program, let limit): "\(program) did not end within \(limit) and was ended"
        case .tooMuchOutput(let program, let limit): "\(program) wrote more than \(limit) bytes and was ended"
        }
    }
}
