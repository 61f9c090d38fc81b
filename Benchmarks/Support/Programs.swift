//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation

/// A contender did not do its part.
package struct ProgramFailure: Error, CustomStringConvertible {
    package var program: String
    package var output: String

    package init(program: String, output: String) {
        self.program = program
        self.output = output
    }

    package var description: String { "\(self.program) failed:\n\(self.output)" }
}

/// Runs a program found on PATH and returns what it printed.
@concurrent
package func runProgram(
    _ program: String, _ arguments: [String], _ environment: [String: String] = [:]
) async throws -> String {
    let output = Pipe()
    let process = try startProgram(program, arguments, environment, output: output)
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw ProgramFailure(program: program, output: text) }
    return text
}

/// Starts a program found on PATH.
package func startProgram(
    _ program: String, _ arguments: [String], _ environment: [String: String] = [:], output: Pipe? = nil
) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let output {
        process.standardOutput = output
        process.standardError = output
    }
    // Dispatch's threads block signals and a child inherits that; pgbench would never hear its alarm.
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    return process
}

/// Prints a line at once, also into a pipe.
package func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
}

extension String {
    /// The text with spaces behind it, for a column of that width; cut where it is longer.
    package func padded(to width: Int) -> String { self.padding(toLength: width, withPad: " ", startingAt: 0) }
}
