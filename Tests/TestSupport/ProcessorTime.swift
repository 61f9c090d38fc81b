//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Measures the processor time that the calling thread takes, in seconds, whatever else the machine does.
public func processorTime(of body: () throws -> Void) rethrows -> Double {
    let start = processorTimeOfThread()
    try body()
    return processorTimeOfThread() - start
}

private func processorTimeOfThread() -> Double {
    withUnsafeTemporaryAllocation(of: timespec.self, capacity: 1) { time in
        guard let address = time.baseAddress, clock_gettime(CLOCK_THREAD_CPUTIME_ID, address) == 0 else { return 0 }
        // Seconds and nanoseconds, a word each; which module their names are of depends on how the module is compiled.
        let words = UnsafeRawPointer(address)
        return Double(words.load(as: Int.self)) + Double(
            words.load(fromByteOffset: MemoryLayout<Int>.size, as: Int.self)) / 1e9
    }
}
