//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A process started with `posix_spawn`, for what a ``Program`` cannot be.
///
/// swift-subprocess, on which ``Program`` stands, runs a program within one call and in a session or process group of its own. That is not
/// enough for a server that runs until it is told to stop, under a shell that watches over it; for an app whose sockets are looked after
/// from its first instruction; for a command that shares our terminal, its foreground process group and descriptors of our caller; and
/// for a browser that stays when we end. These are started here, which is the only place that calls `posix_spawn`.
///
/// A process inherits no descriptor but those that it is given: a leaked pipe end would keep its reader waiting, and a leaked listening
/// socket would keep a port taken.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Exit: Sendable, Equatable, CustomStringConvertible {
        case status(Int32)
        case signal(Int32)
        /// Other code reaped it.
        case unknown

        package var description: String {
            switch self {
            case .status(let status): "exit status \(status)"
            case .signal(let signal): "signal \(signal)"
            case .unknown: "an unknown status"
            }
        }

        /// The exit status, or 128 plus the number of the signal, as a shell has it.
        package var shellStatus: Int32 {
            switch self {
            case .status(let status): status
            case .signal(let signal): 128 + signal
            case .unknown: -1
            }
        }
    }

    /// A process could not be started.
    package struct SpawnFailure: Error, CustomStringConvertible {
        package let program: String
        /// The system's reason, a value of `errno`.
        package let code: Int32

        package init(program: String, code: Int32) {
            self.program = program
            self.code = code
        }

        package var description: String {
            "cannot start \(self.program): \(String(cString: strerror(self.code)))"
        }
    }

    private struct State {
        var exit: Exit?
        var waiters: [CheckedContinuation<Exit, Never>] = []
    }

    package let processID: Int32
    private let endsGroup: Bool
    private let state = Mutex(State())

    private init(processID: Int32, endsGroup: Bool) {
        self.processID = processID
        self.endsGroup = endsGroup
    }

    /// Starts a program in a session of its own, so that Ctrl-C on a terminal does not reach it.
    ///
    /// - Parameters:
    ///   - program: An absolute path.
    ///   - arguments: What follows the program's name. No secrets: every user of the machine can read them.
    ///   - input: The descriptor that becomes standard input; `nil` for an empty one.
    ///   - output: The descriptor that becomes standard output and standard error; `nil` throws both away.
    ///   - errors: The descriptor that becomes standard error, when it is another one.
    ///   - environment: All of the environment.
    ///   - endsGroup: Whether what is left of its process group is killed when it has ended.
    ///   - watch: Where the descriptor goes on which its calls of `bind` and `connect` wait for answers; only on Linux.
    package static func spawn(
        _ program: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil,
        errors: Int32? = nil,
        environment: [String: String] = ChildProcess.plainEnvironment, endsGroup: Bool = false,
        watch: UnsafeMutablePointer<Int32>? = nil
    ) throws(SpawnFailure) -> ChildProcess {
        let spawn = Spawn(
            program: program, arguments: arguments,
            environment: environment.map { Array("\($0.key)=\($0.value)".utf8) },
            streams: .given(input: input, output: output, errors: errors), group: .session)
        return try Self.watched(try spawn.start(watch: watch), of: program, endsGroup: endsGroup)
    }

    /// Starts a program in our process group and session, with our standard streams: what the terminal sends, it gets as well.
    ///
    /// - Parameters:
    ///   - program: A path, or the name of a program in a folder of `PATH`.
    ///   - arguments: What follows the program's name.
    ///   - environment: All of the environment, as `NAME=value`.
    ///   - descriptors: Further descriptors that it gets, under the same numbers.
    ///   - signals: The signals that are neither ignored nor blocked in it, though they may be in this process.
    package static func spawnInForeground(
        _ program: String, _ arguments: [String], environment: [[UInt8]], passing descriptors: [Int32],
        resetting signals: [Int32]
    ) throws(SpawnFailure) -> ChildProcess {
        let spawn = Spawn(
            program: program, arguments: arguments, environment: environment,
            streams: .ours(also: descriptors),
            group: .ours(resetting: signals))
        return try Self.watched(try spawn.start(watch: nil), of: program, endsGroup: false)
    }

    /// Starts the thread that waits for the end of a process; without one the process is ended.
    private static func watched(
        _ processID: Int32, of program: String, endsGroup: Bool
    ) throws(SpawnFailure) -> ChildProcess {
        let child = ChildProcess(processID: processID, endsGroup: endsGroup)
        do {
            // Waiting blocks, so it has a thread of its own; it ends with the process.
            try BlockingThread.detach { child.reap() }
        } catch {
            child.send(SIGKILL)
            child.reap()
            throw SpawnFailure(program: program, code: error.code)
        }
        return child
    }

    /// Waits for the end.
    ///
    /// Cancelling the task does not end the wait: a process outlives nothing of ours.
    package func exit() async -> Exit {
        await withCheckedContinuation { continuation in
            let exit = self.state.withLock { state -> Exit? in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// How it ended, if it has.
    package var exitIfEnded: Exit? { self.state.withLock { $0.exit } }

    /// Sends a signal, unless the process has ended: its number may be another's then.
    ///
    /// - Parameter toGroup: Whether all of its process group get it.
    package func send(_ signal: Int32, toGroup: Bool = false) {
        self.state.withLock { state in
            if state.exit == nil { _ = kill(toGroup ? -self.processID : self.processID, signal) }
        }
    }

    private func reap() {
        // Ended and not yet reaped, it keeps its number, so that no other process or group can have it.
        var facts = siginfo_t()
        while waitid(P_PID, id_t(self.processID), &facts, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        let (exit, waiters) = self.state.withLock { state in
            if self.endsGroup { _ = kill(-self.processID, SIGKILL) }
            var status: Int32 = 0
            var result: pid_t
            repeat { result = waitpid(self.processID, &status, 0) } while result == -1 && errno == EINTR
            let exit: Exit =
                if result != self.processID {
                    .unknown
                } else if status & 0x7f == 0 {
                    .status((status >> 8) & 0xff)
                } else {
                    .signal(status & 0x7f)
                }
            state.exit = exit
            defer { state.waiters = [] }
            return (exit, state.waiters)
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }

    /// The little that a child needs: no tokens, no `PG*`, and English messages.
    package static var plainEnvironment: [String: String] {
        func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        var plain = [
            "PATH": value("PATH") ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C",
        ]
        for name in ["TMPDIR", "TZ", "LD_LIBRARY_PATH"] { plain[name] = value(name) }
        return plain
    }
}
