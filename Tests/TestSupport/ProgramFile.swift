//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// Files that a test makes and then runs.
///
/// Another process writes them. What a test beside this one starts at that moment inherits, until it is another program, every file that
/// this process has open; and no system runs a program that is open for writing ("Text file busy").
public enum ProgramFile {
    /// Makes a script that can be run.
    public static func write(_ text: String, to path: String) throws {
        try self.run(["-c", "printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"", "sh", text, path])
    }

    /// Copies a program.
    public static func copy(_ program: String, to path: String) throws {
        try self.run(["-c", "exec cp \"$1\" \"$2\"", "sh", program, path])
    }

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramFileError(
                description: "sh ended with status \(process.terminationStatus): \(arguments.dropFirst(2))")
        }
    }
}

private struct ProgramFileError: Error, CustomStringConvertible {
    let description: String
}
