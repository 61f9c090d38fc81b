//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Synchronization

#if os(Linux)
import CLinux
#endif

/// A process started with `posix_spawn`, in a session of its own, that inherits nothing but what it is given.
///
/// A session of its own: Ctrl-C in a terminal goes to the foreground process group, and PostgreSQL must be stopped by us, in
/// our order. Nothing inherited: a leaked pipe end would keep ``ParentDeathPipe`` from noticing our death, and a leaked listening
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
    }

    /// A process could not be started.
    struct SpawnFailure: Error, CustomStringConvertible {
        let program: String
        let code: Int32

        var description: String { "cannot start \(self.program): \(String(cString: strerror(self.code)))" }
    }

    private struct State {
        var exit: Exit?
        var waiters: [CheckedContinuation<Exit, Never>] = []
    }

    package let processID: Int32
    private let endsGroup: Bool
    private let state = Mutex(State())

    private init(processID: pid_t, endsGroup: Bool) {
        self.processID = processID
        self.endsGroup = endsGroup
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: An absolute path.
    ///   - arguments: What follows the program's name. No secrets: every user of the machine can read them.
    ///   - input: The descriptor that becomes standard input; `nil` for an empty one.
    ///   - output: The descriptor that becomes standard output and standard error; `nil` throws both away.
    ///   - errors: The descriptor that becomes standard error, when it is another one.
    ///   - environment: All of the environment.
    ///   - endsGroup: Whether what is left of its process group is killed when it has ended.
    ///   - watch: Where the descriptor goes that tells of its sockets (`SocketWatch`); `nil` if nobody is to be told.
    static func spawn(
        _ program: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil,
        environment: [String: String] = ChildProcess.plainEnvironment, endsGroup: Bool = false,
        watch: UnsafeMutablePointer<Int32>? = nil
    ) throws(SpawnFailure) -> ChildProcess {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT | 0x0400
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // POSIX_SPAWN_SETSID, which glibc shows only with _GNU_SOURCE.
        let flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | 0x80
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, errors ?? 1, 2)
        #if !canImport(Darwin)
        Self.closeEverythingElse(&actions)
        #endif
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGKILL)
        sigdelset(&all, SIGSTOP)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for pointer in argv + envp { free(pointer) }
        }
        var processID: pid_t = 0
        let code: Int32
        #if os(Linux)
        if let watch {
            code = Self.spawnWatched(&processID, program, &actions, &attributes, argv, envp, watch)
        } else {
            code = posix_spawn(&processID, program, &actions, &attributes, argv, envp)
        }
        #else
        code = posix_spawn(&processID, program, &actions, &attributes, argv, envp)
        #endif
        guard code == 0 else { throw SpawnFailure(program: program, code: code) }
        let child = ChildProcess(processID: processID, endsGroup: endsGroup)
        // waitpid blocks, so it has a thread of its own; it ends with the process.
        Thread.detachNewThread { child.reap() }
        return child
    }

    #if os(Linux)
    private static func spawnWatched(
        _ processID: inout pid_t, _ program: String, _ actions: UnsafePointer<posix_spawn_file_actions_t>,
        _ attributes: UnsafePointer<posix_spawnattr_t>, _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>, _ watch: UnsafeMutablePointer<Int32>
    ) -> Int32 {
        program.withCString { program in
            var spawning = clinux_spawning()
            spawning.program = program
            spawning.actions = actions
            spawning.attributes = attributes
            spawning.arguments = arguments
            spawning.environment = environment
            let code = clinux_spawn_watched(&spawning)
            (processID, watch.pointee) = (spawning.process, spawning.watch)
            return code
        }
    }
    #endif

    #if !canImport(Darwin)
    /// Lets the child close all descriptors from 3 on.
    private static func closeEverythingElse(_ actions: inout posix_spawn_file_actions_t) {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        // glibc has it since 2.34 and shows it only with _GNU_SOURCE.
        if let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
            _ = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, 3)
            return
        }
        // Otherwise those there are now; closing one that is gone by then is no error for glibc, and for others ours are
        // marked to close by themselves anyway.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0, flags & FD_CLOEXEC == 0 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        }
    }
    #endif

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

    /// Waits for the end, which comes early when the task is cancelled: the process and its group are asked to end, and after
    /// `grace` they are killed.
    func exit(endingWithTaskWithin grace: Duration) async -> Exit {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
                let deadline = ContinuousClock.now + grace
                if self.exitIfEnded == nil { kill(-self.processID, SIGTERM) }
                while self.exitIfEnded == nil, ContinuousClock.now < deadline {
                    await Uncancelled.sleep(for: .milliseconds(5))
                }
                if self.exitIfEnded == nil { kill(-self.processID, SIGKILL) }
            }
            let exit = await self.exit()
            group.cancelAll()
            return exit
        }
    }

    /// How it ended, if it has.
    package var exitIfEnded: Exit? { self.state.withLock { $0.exit } }

    private func reap() {
        if self.endsGroup {
            // Ended and not yet reaped, it keeps its number, so that nobody else's group can have it.
            var facts = siginfo_t()
            var code: Int32
            repeat {
                code = waitid(P_PID, id_t(self.processID), &facts, WEXITED | WNOWAIT)
            } while code == -1
                && errno == EINTR
            kill(-self.processID, SIGKILL)
        }
        var status: Int32 = 0
        var result: pid_t
        repeat { result = waitpid(self.processID, &status, 0) } while result == -1 && errno == EINTR
        let exit: Exit
        if result != self.processID {
            exit = .unknown
        } else if status & 0x7f == 0 {
            exit = .status((status >> 8) & 0xff)
        } else {
            exit = .signal(status & 0x7f)
        }
        let waiters = self.state.withLock { state in
            state.exit = exit
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }

    /// The little that a child needs: no tokens, no `PG*`, and English messages.
    package static var plainEnvironment: [String: String] {
        let environment = ProcessInfo.processInfo.environment
        var plain = ["PATH": environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"]
        for name in ["TMPDIR", "TZ", "LD_LIBRARY_PATH"] { plain[name] = environment[name] }
        return plain
    }
}

extension ChildProcess {
    /// What a short program left.
    package struct Result: Sendable {
        package var status: Int32
        package var output: String
    }

    /// Runs a short program to its end, with standard input from a file if there is one.
    ///
    /// - Parameter endsWithTask: Whether it ends early when the task is cancelled; then this throws `CancellationError`. Only for
    ///   what may be left half done.
    @concurrent
    package static func run(
        _ program: String, _ arguments: [String], inputFile: String? = nil,
        environment: [String: String] = ChildProcess.plainEnvironment, endsWithTask: Bool = false
    ) async throws -> Result {
        if endsWithTask { try Task.checkCancellation() }
        let output = try Self.scratchFile()
        defer { close(output) }
        var input: Int32?
        if let inputFile {
            let descriptor = open(inputFile, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SpawnFailure(program: program, code: errno) }
            input = descriptor
        }
        defer { if let input { close(input) } }
        let child = try Self.spawn(program, arguments, input: input, output: output, environment: environment)
        let exit = endsWithTask ? await child.exit(endingWithTaskWithin: .seconds(5)) : await child.exit()
        if endsWithTask { try Task.checkCancellation() }
        var bytes = [UInt8](repeating: 0, count: 256 * 1024)
        let count = pread(output, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        switch exit {
        case .status(let status): return Result(status: status, output: text)
        case .signal(let signal): return Result(status: 128 + signal, output: text)
        case .unknown: return Result(status: -1, output: text)
        }
    }

    /// A nameless file.
    private static func scratchFile() throws -> Int32 {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        var template = Array((folder + "/lakebase-output.XXXXXX").utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let path = buffer.baseAddress else { return -1 }
            let descriptor = mkstemp(path)
            if descriptor >= 0 { unlink(path) }
            return descriptor
        }
        guard descriptor >= 0 else {
            throw PrivateFile.Failure(operation: "create a file in", path: folder, code: errno)
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }
}
