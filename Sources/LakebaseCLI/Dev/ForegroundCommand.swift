//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Dispatch
import ProgramLauncher

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The command after `--`: it shares our terminal, our process group and our standard streams.
final class ForegroundCommand: Sendable {
    private let child: ChildProcess

    private init(_ child: ChildProcess) { self.child = child }

    /// Whether Ctrl-C in the terminal reaches us and the command alike, wherever their standard streams go.
    static var isOnTerminal: Bool { self.withTerminal { tcgetpgrp($0) == getpgrp() } ?? false }

    /// Whether there is a terminal, though we may be in its background now.
    static var hasTerminal: Bool { self.withTerminal { _ in true } ?? false }

    private static func withTerminal<Value>(_ body: (Int32) -> Value) -> Value? {
        let terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        return body(terminal)
    }

    /// Whether there is a program of that name in a folder of `PATH`.
    static func isInstalled(_ name: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":", omittingEmptySubsequences: false).contains { folder in
            access("\(folder.isEmpty ? "." : folder)/\(name)", X_OK) == 0
        }
    }

    /// Starts the command with an environment, as `NAME=value`.
    ///
    /// - Throws: ``CommandFailure`` when there is no such program.
    static func start(_ command: [String], settings: [[UInt8]]) throws(CommandFailure) -> ForegroundCommand {
        guard let program = command.first else { throw CommandFailure(program: "", code: ENOENT) }
        do {
            // What we alone ignore or block must not be ignored or blocked in the command.
            let child = try ChildProcess.spawnInForeground(
                program, Array(command.dropFirst()), environment: settings, passing: InheritedDescriptors.inherited,
                resetting: SignalDisposition.changed.filter { !SignalDisposition.ignoredAtStart.contains($0) })
            return ForegroundCommand(child)
        } catch {
            throw CommandFailure(program: program, code: error.code)
        }
    }

    /// Waits for the command and returns its exit status, or 128 plus the number of the signal that ended it.
    func wait() async -> Int32 { await self.child.exit().shellStatus }

    /// Asks the command to end; ends it after ten seconds.
    func terminate() {
        self.send(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + 10) { self.send(SIGKILL) }
    }

    /// Passes a signal on, unless the command has ended.
    func send(_ signal: Int32) { self.child.send(signal) }
}

/// The command after `--` could not be started.
struct CommandFailure: Error, CustomStringConvertible {
    var program: String
    /// What the system said, a value of `errno`.
    var code: Int32

    /// The status a shell gives: 127 for a program that is not there, 126 for one that cannot be run.
    var exitStatus: Int32 { self.code == ENOENT || self.code == ENOTDIR ? 127 : 126 }

    var description: String {
        let reason = String(cString: strerror(self.code))
        let remedy =
            self.exitStatus == 127 ? "check its name and PATH" : "check that it is a program, and its permissions"
        return "the command \"\(self.program)\" cannot be started: \(reason); \(remedy)"
    }
}
