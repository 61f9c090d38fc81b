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

/// How many files and sockets this process may have open; a session of a gateway takes two.
///
/// Systems start programs with a low limit, 1024 or even 256, for the sake of old programs, and let each raise it.
public enum OpenFileLimit {
    /// The limit there is, or `nil` if the system does not tell.
    public static var current: Int? { Self.limits.map { Int(clamping: $0.rlim_cur) } }

    /// Raises the limit as far as this process may, but not beyond `most`.
    ///
    /// Processes that are started from here inherit it, and some go through all numbers up to it: hence the bound. A
    /// library should leave this to the program; ``PostgresGateway`` does not call it.
    ///
    /// - Returns: The limit there is now, or `nil` if the system does not tell.
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
