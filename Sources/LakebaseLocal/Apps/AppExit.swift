//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalPostgres

/// How a process of an app ended, or why it did not start.
struct AppExit: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened, as a sentence without its full stop.
    var reason: String
    /// The last lines of its output.
    var lastLines: [String] = []

    /// The number of last lines that are reported.
    static let lineLimit = 10

    /// The sentence, and the last lines.
    var description: String {
        guard !self.lastLines.isEmpty else { return "\(self.reason)." }
        return "\(self.reason). Its last lines:\n" + self.lastLines.joined(separator: "\n")
    }

    /// A process that ended by itself.
    static func exited(_ exit: ChildProcess.Exit, command: String, lastLines: [String]) -> AppExit {
        let reason =
            switch exit {
            // The statuses of a shell for a program that was not found, and for a file that cannot be executed.
            case .status(127): "The app's program could not be found (\(command))"
            case .status(126):
                "The app's program could not be run (\(command)); files of the workspace are not executable, so name an "
                    + "interpreter, such as sh or python"
            case .status, .signal, .unknown: "The app ended with \(exit)"
            }
        return AppExit(reason: reason, lastLines: lastLines)
    }

    /// A process that ran and did not accept connections.
    ///
    /// - Parameter obstacle: Why it may not have got the port that it wanted.
    static func neverListened(port: Int, limit: Duration, obstacle: String?, lastLines: [String]) -> AppExit {
        AppExit(
            reason:
                "The app did not listen on port \(port) of DATABRICKS_APP_PORT within \(limit.components.seconds) s"
                + (obstacle.map { ". \($0)" } ?? ""),
            lastLines: lastLines)
    }

    /// The packages of an app could not be installed.
    static func notInstalled(_ what: String, _ exit: ChildProcess.Exit, command: String, lastLines: [String]) -> AppExit
    {
        let reason =
            switch exit {
            case .status(127): "\(what) could not be installed: there is no such program (\(command))"
            case .status, .signal, .unknown: "\(what) could not be installed: \(command) ended with \(exit)"
            }
        return AppExit(reason: reason, lastLines: lastLines)
    }
}
