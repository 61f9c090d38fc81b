//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The limit of open files and sockets of this process; each session of a gateway uses two.
///
/// Systems start programs with a low soft limit, 1024 or even 256, which a program may raise.
public enum OpenFileLimit {
    /// The current limit, or `nil` if it cannot be read.
    public static var current: Int? { Self.limits.map { Int(clamping: $0.rlim_cur) } }

    /// Raises the limit as far as this process may, but not beyond `most`.
    ///
    /// Child processes inherit the limit, and some loop over all numbers up to it: hence the bound. A
    /// library should leave this to the program; ``PostgresGateway`` does not call it.
    ///
    /// - Returns: The new limit, or `nil` if it cannot be read.
    @discardableResult
    public static func raise(upTo most: Int = 65_536) -> Int? {
        guard var limits = Self.limits else { return nil }
        let wanted = min(limits.rlim_max, rlim_t(clamping: most))
        guard limits.rlim_cur < wanted else { return Self.current }
        limits.rlim_cur = wanted
        if !Self.set(limits) {
            #if canImport(Darwin)
            // There the hard limit may be "none", and more than this is refused all the same.
            limits.rlim_cur = min(wanted, rlim_t(OPEN_MAX))
            _ = Self.set(limits)
            #endif
        }
        return Self.current
    }

    /// Whether only the descriptors are left that the process itself needs, so that no more clients are accepted.
    ///
    /// The last one must not go to a client. On Linux the runtime of Swift's tasks ends the process when it has work
    /// queued and cannot open a file to see which of its threads run (Dispatch's workqueue.c); and a policy that checks
    /// a password has files and connections of its own to open.
    static var isNearlyReached: Bool { Self.isReached(leaving: Self.reserve) }

    /// Whether no descriptor is left for an upstream either.
    ///
    /// Accepted clients may use half of the descriptors that new clients must leave free, so that they do not wait for
    /// each other.
    static var isReachedForUpstreams: Bool { Self.isReached(leaving: Self.reserve / 2) }

    /// How many descriptors are kept free: more than all event loops can take between two checks.
    private static var reserve: Int { min((Self.current ?? .max) / 8, 64) }

    /// Whether the lowest free descriptor, which the next file gets, is among the last ones.
    private static func isReached(leaving reserve: Int) -> Bool {
        guard let limit = Self.current else { return false }
        let next = Self.makeSocket()
        guard next >= 0 else { return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) }
        close(next)
        return Int(next) >= limit - reserve
    }

    /// An unconnected socket, which needs neither a path nor a permission.
    private static func makeSocket() -> CInt {
        #if canImport(Glibc)
        socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        #elseif canImport(Musl)
        socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
        #else
        socket(AF_UNIX, SOCK_DGRAM, 0)
        #endif
    }

    private static var limits: rlimit? {
        var limits = rlimit()
        #if canImport(Glibc)
        let code = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        #else
        let code = getrlimit(RLIMIT_NOFILE, &limits)
        #endif
        return code == 0 ? limits : nil
    }

    private static func set(_ limits: rlimit) -> Bool {
        var limits = limits
        #if canImport(Glibc)
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
        #else
        return setrlimit(RLIMIT_NOFILE, &limits) == 0
        #endif
    }
}
