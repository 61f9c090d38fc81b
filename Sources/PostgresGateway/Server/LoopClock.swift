//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// A clock that ticks about every 100 ms while it is being read, and not at all otherwise.
///
/// Reading it costs no system call. It belongs to one event loop.
final class LoopClock {
    private let eventLoop: any EventLoop
    private var tick: UInt64 = 0
    private var isArmed = false

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// The number of the current tick.
    func now() -> UInt64 {
        if !self.isArmed {
            self.isArmed = true
            self.tick += 1
            self.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(100)) { self.isArmed = false }
        }
        return self.tick
    }
}
