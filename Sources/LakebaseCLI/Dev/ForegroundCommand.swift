//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The command after `--`: it shares our terminal, our process group and our standard streams.
final class ForegroundCommand: Sendable {
    private let processID: pid_t
    /// While this is held and false, the process id is the command's and nobody else's.
    private let hasEnded = Mutex(false)

    private init(processID: pid_t) { self.processID = processID }

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

    /// Starts the command with an environment, `NAME=value` as allocated C strings, which this frees.
    ///
    /// - Throws: ``CommandFailure`` when there is no such program.
    static func start(
        _ command: [String], settings: [UnsafeMutablePointer<CChar>?]
    ) throws(CommandFailure) -> ForegroundCommand {
        let arguments = command.map { strdup($0) } + [nil]
        let settings = settings + [nil]
        defer { for pointer in arguments + settings { free(pointer) } }
        guard let program = command.first else { throw CommandFailure(program: "", code: ENOENT) }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        let flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        InheritedDescriptors.pass(to: &actions)
        // What we alone ignore or block must not be ignored or blocked in the command.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in SignalDisposition.changed where !SignalDisposition.ignoredAtStart.contains(number) {
            sigaddset(&signals, number)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, flags)
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, program, &actions, &attributes, arguments, settings)
        guard code == 0 else { throw CommandFailure(program: program, code: code) }
        return ForegroundCommand(processID: processID)
    }

    /// Waits for the command and returns its exit status, or 128 plus the number of the signal that ended it.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            // Waiting blocks, so it gets a thread of Dispatch.
            DispatchQueue.global().async { continuation.resume(returning: self.reap()) }
        }
    }

    /// Asks the command to end; ends it after ten seconds.
    func terminate() {
        self.send(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + 10) { self.send(SIGKILL) }
    }

    private func reap() -> Int32 {
        // Leaves the process id taken, so that ``send(_:)`` cannot meet another process.
        var information = siginfo_t()
        while waitid(P_PID, id_t(self.processID), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return self.hasEnded.withLock { hasEnded in
            var status: Int32 = 0
            while waitpid(self.processID, &status, 0) < 0, errno == EINTR {}
            hasEnded = true
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
    }

    /// Passes a signal on, unless the command has ended.
    func send(_ signal: Int32) {
        self.hasEnded.withLock { hasEnded in
            if !hasEnded { _ = kill(self.processID, signal) }
        }
    }
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
