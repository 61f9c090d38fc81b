//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Foundation
import Lakebase

/// An error as every command prints it, and the status to exit with.
///
/// ```
/// lakebase: what failed and why; what to do about it
///   run: the command or statement that does it, where one is known
/// lakebase: note: how the database was found
/// ```
struct ErrorReport: Equatable {
    /// What failed, why, and what to do about it, as the error says it.
    var message: String
    /// What to run, where the error names it separately.
    var command: String?
    var notes: [String] = []
    var status: Int32

    init(_ error: any Error) {
        var error = error
        while let annotated = error as? AnnotatedError {
            self.notes = annotated.notes + self.notes
            error = annotated.underlying
        }
        switch error {
        case let error as CommandError: (self.message, self.status) = (error.description, error.status)
        case let error as CommandFailure: (self.message, self.status) = ("\(error)", error.exitStatus)
        case let error as LakebaseError:
            (self.message, self.status) = ("\(error)", 1)
            if let command = error.explanation?.command, !self.message.contains(command) {
                self.command = error.explanation?.requiredRole.map { "as \($0): \(command)" } ?? command
            }
        case is CancellationError: (self.message, self.status) = ("the command was cancelled", 1)
        // Their descriptions are for programmers.
        case is CocoaError, is POSIXError: (self.message, self.status) = (error.localizedDescription, 1)
        case _: (self.message, self.status) = ("\(error)", 1)
        }
    }

    /// Prints an error that a command ended with, and returns what ends the process.
    ///
    /// What the argument parser prints itself, such as help, is returned as it is, and so is a status after everything was
    /// printed.
    static func end(with error: any Error) -> any Error {
        if error is ExitCode || LakebaseCommand.exitCode(for: error) != .failure { return error }
        let report = ErrorReport(error)
        report.print()
        return ExitCode(report.status)
    }

    func print() {
        Terminal.error(self.message)
        if let command { Terminal.note("  run: \(command)") }
        for note in self.notes { Terminal.note("lakebase: note: \(note)") }
    }
}
