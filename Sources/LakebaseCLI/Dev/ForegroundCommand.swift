//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Dispatch
import LakebaseLocal
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The command after `--`: it shares our terminal, our process group and our standard streams.
final class ForegroundCommand: Sendable {
    private let processID: pid_t
    private let hasEnded = Atomic<Bool>(false)

    private init(processID: pid_t) { self.processID = processID }

    static var isOnTerminal: Bool { isatty(STDIN_FILENO) != 0 }

    /// Keeps Ctrl-C, which the terminal sends to the whole process group, from ending us before the command.
    static func leaveInterruptsToCommand() {
        if self.isOnTerminal { signal(SIGINT, SIG_IGN) }
    }

    /// Starts the command with our environment and `environment` on top of it.
    ///
    /// - Throws: ``CommandFailure`` when there is no such program.
    static func start(_ command: [String], environment: LocalEnvironment) throws -> ForegroundCommand {
        guard let program = command.first else { throw CommandFailure(program: "", reason: "no command") }
        var variables = self.currentEnvironment()
        for (name, value) in environment { variables[name] = value }
        let arguments = command.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + settings { free(pointer) } }
        #if canImport(Darwin)
        var attributes: posix_spawnattr_t?
        #else
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        closeDescriptorsOnSpawn()
        // What we ignore or block must not be ignored or blocked in the command.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, program, nil, &attributes, arguments, settings)
        guard code == 0 else { throw CommandFailure(program: program, reason: String(cString: strerror(code))) }
        return ForegroundCommand(processID: processID)
    }

    /// Waits for the command and returns its exit status, or 128 plus the number of the signal that ended it.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            // waitpid blocks, so it gets a thread of Dispatch.
            DispatchQueue.global().async {
                var status: Int32 = 0
                while waitpid(self.processID, &status, 0) < 0, errno == EINTR {}
                self.hasEnded.store(true, ordering: .releasing)
                let signal = status & 0x7f
                continuation.resume(returning: signal == 0 ? (status >> 8) & 0xff : 128 + signal)
            }
        }
    }

    /// Asks the command to end; ends it after ten seconds.
    func terminate() {
        self.send(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + 10) { self.send(SIGKILL) }
    }

    private func send(_ signal: Int32) {
        if !self.hasEnded.load(ordering: .acquiring) { kill(self.processID, signal) }
    }

    /// Keeps the command from inheriting our listening sockets, which would keep their ports taken after our end.
    private static func closeDescriptorsOnSpawn() {
        for descriptor in STDERR_FILENO + 1..<Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 4096)) {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }

    private static func currentEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }
}

/// The command after `--` could not be started.
struct CommandFailure: Error, CustomStringConvertible {
    var program: String
    var reason: String

    var description: String {
        "the command \"\(self.program)\" cannot be started: \(self.reason); check its name and PATH"
    }
}
