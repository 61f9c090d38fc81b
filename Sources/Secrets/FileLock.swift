//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The end of advisory locks on files (`flock`).
package enum FileLock {
    /// Releases the lock that was taken through a descriptor, and closes the descriptor.
    ///
    /// Closing alone leaves the lock with a program that is being started at this moment: until it is executed, it has a copy
    /// of every descriptor, also of those that are closed then.
    package static func release(_ descriptor: Int32) {
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
