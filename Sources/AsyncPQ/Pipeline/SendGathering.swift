//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Has the kernel keep small pieces of output until all are written.
///
/// libpq before version 17 writes to the socket at each synchronization point. On TCP each such piece would be a packet
/// that wakes the server. On a Unix socket this has no effect, and needs none: writing there costs little.
struct SendGathering {
    private var isOn = false

    /// Begins to gather, unless it has begun.
    mutating func begin(on descriptor: Int32) {
        if !self.isOn, SynchronizationPoint.isSentAtOnce { self.isOn = Self.set(1, on: descriptor) }
    }

    /// Sends what was gathered.
    mutating func end(on descriptor: Int32) {
        if self.isOn { _ = Self.set(0, on: descriptor) }
        self.isOn = false
    }

    private static func set(_ value: Int32, on descriptor: Int32) -> Bool {
        #if os(Linux)
        let option = TCP_CORK
        #else
        let option = TCP_NOPUSH
        #endif
        var value = value
        return setsockopt(descriptor, Int32(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
}
