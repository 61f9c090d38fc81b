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
    static let inherited: [Int32] = {
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
}
