//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Holds bytes between two pages that cannot be read, so that a read outside of them ends the process.
///
/// In an optimized build the buffer's own subscript does not check its bounds.
final class GuardedBytes {
    private let memory: UnsafeMutableRawBufferPointer
    private let page: Int

    init() throws {
        self.page = Int(getpagesize())
        let start = mmap(nil, self.page * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED, mprotect(start, self.page, PROT_NONE) == 0,
            mprotect(start + self.page * 2, self.page, PROT_NONE) == 0
        else { throw POSIXError(.ENOMEM) }
        self.memory = UnsafeMutableRawBufferPointer(start: start, count: self.page * 3)
    }

    deinit { munmap(self.memory.baseAddress, self.memory.count) }

    /// The bytes, as many as a page holds, right before the second guard or right after the first.
    func hold(_ bytes: [UInt8], atEnd: Bool) -> UnsafeRawBufferPointer {
        let count = min(bytes.count, self.page)
        let start = atEnd ? self.page * 2 - count : self.page
        let place = UnsafeMutableRawBufferPointer(rebasing: self.memory[start..<start + count])
        place.copyBytes(from: bytes.prefix(count))
        return UnsafeRawBufferPointer(place)
    }
}
