//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@Suite("Locks on files")
struct FileLockTests {
    @Test func `a released lock is free although a program that is being started has a copy of its descriptor`() throws
    {
        let path = NSTemporaryDirectory() + "lakebase-lock-\(UUID().uuidString)"
        defer { unlink(path) }
        let first = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(first >= 0 && flock(first, LOCK_EX | LOCK_NB) == 0)
        // What a fork has until it executes its program.
        let copy = dup(first)
        defer { close(copy) }
        let second = open(path, O_RDWR | O_CLOEXEC)
        defer { close(second) }
        #expect(flock(second, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        FileLock.release(first)
        #expect(flock(second, LOCK_EX | LOCK_NB) == 0)
    }
}
