//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The descriptors above standard error that this process was started with, and those the command after `--` gets.
///
/// What the caller opened for the command, such as the pipe behind `<(…)`, is passed on. What was opened since is not: a
/// listening socket would keep its port taken after our end.
enum InheritedDescriptors {
    /// Found out at the first use, which is the start of the program.
    private static let inherited: [Int32] = {
        // Beyond that a caller who numbers descriptors himself is on his own.
        let limit = Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 1024))
        return (STDERR_FILENO + 1..<max(limit, STDERR_FILENO + 1)).filter { descriptor in
            let flags = fcntl(descriptor, F_GETFD)
            return flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }()

    /// To be called before anything else opens a file.
    ///
    /// A standard stream that is closed is opened on `/dev/null`, the wrong way round for output, so that the next file or
    /// socket does not take its number and writing to it fails as it should.
    static func secureStandardStreams() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
        _ = self.inherited
    }

    #if canImport(Darwin)
    /// With `POSIX_SPAWN_CLOEXEC_DEFAULT`: names what the command gets.
    static func pass(to actions: inout posix_spawn_file_actions_t?) {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] + self.inherited {
            posix_spawn_file_actions_addinherit_np(&actions, descriptor)
        }
    }
    #else
    /// Closes all the others in the new process, where no other thread can open one meanwhile.
    static func pass(to actions: inout posix_spawn_file_actions_t) {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        let end = (self.inherited.last ?? STDERR_FILENO) + 1
        // Closing a number that is not open is no error here (glibc: only one beyond the limit is).
        for descriptor in STDERR_FILENO + 1..<end where !self.inherited.contains(descriptor) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // glibc has it since 2.34 and shows it only with _GNU_SOURCE.
        if let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
            _ = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, end)
            return
        }
        for descriptor in end..<max(end, Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 4096))) {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }
    #endif
}
