//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Runs a program to its end and collects what it writes, within a limit of time and size.
///
/// It has nothing to read, and a process group of its own, so that everything it starts ends with it.
enum ProgramRun {
    struct Outcome: Sendable {
        /// The exit status, or 128 plus the number of the signal that ended it.
        var status: Int32
        var output: [UInt8]
        var errors: [UInt8]
    }

    enum Failure: Error {
        /// There is no such program, or it cannot be started: the system's number of the reason.
        case notStarted(Int32)
        case timedOut
        case tooMuch
        case cancelled
    }

    /// The most that a program may write.
    static let limit = 1 << 20

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String], limit: Duration
    ) async throws(Failure) -> Outcome {
        let child = Child()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Outcome, Failure>, Never>) in
                // Reading and waiting block, so they get a thread of Dispatch.
                DispatchQueue.global().async {
                    continuation.resume(
                        returning: child.run(program, arguments, environment: environment, limit: limit))
                }
            }
        } onCancel: {
            child.cancel()
        }
        return try result.get()
    }

    static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// The process, between its start and its end.
private final class Child: Sendable {
    private struct State {
        /// Nil before the start and after the end, when the number may be another process's.
        var processID: pid_t?
        var isCancelled = false
    }

    private let state = Mutex(State())

    func cancel() {
        self.state.withLock { state in
            state.isCancelled = true
            if let processID = state.processID { Self.killGroup(processID) }
        }
    }

    /// Ends the process and all that it has started.
    private static func killGroup(_ processID: pid_t) { kill(-processID, SIGKILL) }

    func run(
        _ program: String, _ arguments: [String], environment: [String: String], limit: Duration
    ) -> Result<ProgramRun.Outcome, ProgramRun.Failure> {
        let deadline = ContinuousClock.now.later(by: limit)
        guard let output = Pipe(), let errors = Pipe() else { return .failure(.notStarted(errno)) }
        var spawned: Result<pid_t, ProgramRun.Failure> = .failure(.cancelled)
        self.state.withLock { state in
            guard !state.isCancelled else { return }
            spawned = Self.spawn(program, arguments, environment, output: output.writer, errors: errors.writer)
            if case .success(let processID) = spawned { state.processID = processID }
        }
        output.closeWriter()
        errors.closeWriter()
        switch spawned {
        case .failure(let failure):
            return .failure(failure)
        case .success(let processID):
            let texts = Self.read([output.reader, errors.reader], until: deadline)
            return self.finish(processID, texts, deadline)
        }
    }

    private func finish(
        _ processID: pid_t, _ texts: Result<[[UInt8]], ProgramRun.Failure>, _ deadline: ContinuousClock.Instant
    ) -> Result<ProgramRun.Outcome, ProgramRun.Failure> {
        var failure: ProgramRun.Failure?
        if case .failure(let reason) = texts { failure = reason }
        var status: Int32 = 0
        while true {
            if failure != nil { Self.killGroup(processID) }
            // The number is this process's until it has been waited for, so nobody may use it after that.
            let ended = self.state.withLock { state in
                let result = waitpid(processID, &status, failure == nil ? WNOHANG : 0)
                let ended = result > 0 || (result < 0 && errno != EINTR)
                if ended { state.processID = nil }
                return ended
            }
            if ended { break }
            if ContinuousClock.now >= deadline { failure = .timedOut } else { usleep(2_000) }
        }
        if self.state.withLock({ $0.isCancelled }) { return .failure(.cancelled) }
        if let failure { return .failure(failure) }
        guard case .success(let parts) = texts else { return .failure(.tooMuch) }
        let signal = status & 0x7F
        return .success(
            .init(status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: parts[0], errors: parts[1]))
    }

    /// Reads all descriptors to their ends.
    private static func read(
        _ descriptors: [Int32], until deadline: ContinuousClock.Instant
    ) -> Result<[[UInt8]], ProgramRun.Failure> {
        var texts = [[UInt8]](repeating: [], count: descriptors.count)
        var isOpen = [Bool](repeating: true, count: descriptors.count)
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while isOpen.contains(true) {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return .failure(.timedOut) }
            var waits = descriptors.indices.map {
                pollfd(fd: isOpen[$0] ? descriptors[$0] : -1, events: Int16(POLLIN), revents: 0)
            }
            let milliseconds = left.pollMilliseconds
            guard poll(&waits, nfds_t(waits.count), min(milliseconds, 60_000)) >= 0 || errno == EINTR else {
                return .failure(.timedOut)
            }
            for index in waits.indices where waits[index].revents != 0 {
                let count = systemRead(descriptors[index], &buffer, buffer.count)
                if count > 0 { texts[index] += buffer[..<count] } else if count == 0 { isOpen[index] = false }
                guard texts[index].count <= ProgramRun.limit else { return .failure(.tooMuch) }
            }
        }
        return .success(texts)
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], output: Int32, errors: Int32
    ) -> Result<pid_t, ProgramRun.Failure> {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let flags = Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        let flags: Int32 = 0
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // What we ignore or block must not be ignored or blocked in the program.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let groups = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags | groups))

        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, program, &actions, &attributes, argv, envp)
        return code == 0 ? .success(processID) : .failure(.notStarted(code))
    }
}

/// Both ends of a pipe, closed with their owner.
private final class Pipe {
    let reader: Int32
    private(set) var writer: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        (self.reader, self.writer) = (ends[0], ends[1])
        // A process that is started at the same moment may inherit an end all the same; the limit of time covers that.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(self.reader)
        self.closeWriter()
    }

    func closeWriter() {
        if self.writer >= 0 { close(self.writer) }
        self.writer = -1
    }
}

#if canImport(Glibc)
private let systemRead = Glibc.read
#elseif canImport(Musl)
private let systemRead = Musl.read
#elseif canImport(Darwin)
private let systemRead = Darwin.read
#endif
