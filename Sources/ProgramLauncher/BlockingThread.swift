//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A thread for one call that blocks.
///
/// Dispatch has few threads for such calls, and Foundation's `Thread` would make users of the `Databricks` library link Foundation.
enum BlockingThread {
    fileprivate final class Work {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// - Throws: The system's reason, a value of `errno`, when there is no further thread.
    static func detach(_ body: @escaping @Sendable () -> Void) throws(Failure) {
        let work = Unmanaged.passRetained(Work(body))
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let code = pthread_create(&thread, nil, { perform($0) }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw Failure(code: code)
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }

    struct Failure: Error {
        var code: Int32
    }
}

#if canImport(Darwin)
private func perform(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<BlockingThread.Work>.fromOpaque(work).takeRetainedValue().body()
    return nil
}
#else
private func perform(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let work { Unmanaged<BlockingThread.Work>.fromOpaque(work).takeRetainedValue().body() }
    return nil
}
#endif
