//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

#if os(Linux)
internal import CLinux
#endif

/// What `posix_spawn` is told.
struct Spawn {
    /// The standard streams, and what else stays open.
    enum Streams {
        case ours(also: [Int32])
        /// `nil` is `/dev/null`, and for `errors` where the output goes.
        case given(input: Int32?, output: Int32?, errors: Int32?)
    }

    enum Group {
        /// A session of its own, in which no signal is ignored or blocked.
        case session
        case ours(resetting: [Int32])
    }

    var program: String
    var arguments: [String]
    /// As `NAME=value`.
    var environment: [[UInt8]]
    var streams: Streams
    var group: Group

    #if canImport(Darwin)
    private typealias Actions = posix_spawn_file_actions_t?
    private typealias Attributes = posix_spawnattr_t?
    #else
    private typealias Actions = posix_spawn_file_actions_t
    private typealias Attributes = posix_spawnattr_t
    #endif

    /// Starts the process and returns its number.
    func start(watch: UnsafeMutablePointer<Int32>?) throws(ChildProcess.SpawnFailure) -> pid_t {
        #if canImport(Darwin)
        var actions: Actions
        var attributes: Attributes
        #else
        var actions = Actions()
        var attributes = Attributes()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        self.add(to: &actions)
        self.set(&attributes)
        let argv = ([self.program] + self.arguments).map { Self.copy($0.utf8) } + [nil]
        let envp = self.environment.map { Self.copy($0) } + [nil]
        defer { for pointer in argv + envp { pointer?.deallocate() } }
        var processID: pid_t = 0
        let code: Int32
        switch self.group {
        case .session:
            #if os(Linux)
            if let watch {
                code = Self.spawnWatched(
                    &processID, self.program, &actions, &attributes, argv, envp, watch)
            } else {
                code = posix_spawn(&processID, self.program, &actions, &attributes, argv, envp)
            }
            #else
            code = posix_spawn(&processID, self.program, &actions, &attributes, argv, envp)
            #endif
        case .ours:
            code = posix_spawnp(&processID, self.program, &actions, &attributes, argv, envp)
        }
        guard code == 0 else { throw ChildProcess.SpawnFailure(program: self.program, code: code) }
        return processID
    }

    private static func copy(_ bytes: some Collection<UInt8>) -> UnsafeMutablePointer<CChar>? {
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[bytes.count] = 0
        return copy
    }

    private func set(_ attributes: inout Attributes) {
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var reset = sigset_t()
        #if canImport(Darwin)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
        let session: Int32 = 0x0400
        #else
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        // POSIX_SPAWN_SETSID, which glibc shows only with _GNU_SOURCE.
        let session: Int32 = 0x80
        #endif
        switch self.group {
        case .session:
            flags |= session
            sigfillset(&reset)
            sigdelset(&reset, SIGKILL)
            sigdelset(&reset, SIGSTOP)
        case .ours(let signals):
            sigemptyset(&reset)
            for signal in signals { sigaddset(&reset, signal) }
        }
        posix_spawnattr_setsigdefault(&attributes, &reset)
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private func add(to actions: inout Actions) {
        switch self.streams {
        case .given(let input, let output, let errors):
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
            Self.closeOthers(than: [], &actions)
            #endif
        case .ours(let descriptors):
            #if canImport(Darwin)
            // All others are closed by POSIX_SPAWN_CLOEXEC_DEFAULT.
            for descriptor in [0, 1, 2] + descriptors {
                posix_spawn_file_actions_addinherit_np(&actions, descriptor)
            }
            #else
            Self.closeOthers(than: descriptors, &actions)
            #endif
        }
    }

    #if !canImport(Darwin)
    /// Lets the process close its descriptors from 3 on, where no other thread can open one meanwhile.
    private static func closeOthers(than kept: [Int32], _ actions: inout Actions) {
        typealias CloseFrom =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        let end = max(3, (kept.max() ?? 2) + 1)
        // Closing a number that is not open is no error here (glibc: only one beyond the limit is).
        for descriptor in 3..<end where !kept.contains(descriptor) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // glibc has it since 2.34 and shows it only with _GNU_SOURCE.
        if let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
            _ = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, end)
            return
        }
        // Otherwise those there are now. Ours are opened to close by themselves anyway.
        for descriptor in end..<max(end, Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 4096))) {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0, flags & FD_CLOEXEC == 0 {
                posix_spawn_file_actions_addclose(&actions, descriptor)
            }
        }
    }
    #endif

    #if os(Linux)
    private static func spawnWatched(
        _ processID: inout pid_t, _ program: String,
        _ actions: UnsafePointer<posix_spawn_file_actions_t>,
        _ attributes: UnsafePointer<posix_spawnattr_t>,
        _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ watch: UnsafeMutablePointer<Int32>
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
}
