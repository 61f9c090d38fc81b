//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Starts a system thread for blocking work: Swift's own threads and Dispatch's must not be blocked.
enum DetachedThread {
    /// Runs `body` on a new, detached thread.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/system`` when the system has no thread left.
    static func start(_ body: @escaping @Sendable () -> Void) throws(PQError) {
        let box = Unmanaged.passRetained(Box(body: body))
        #if canImport(Darwin)
        var handle: pthread_t?
        #else
        var handle = pthread_t()
        #endif
        let code = pthread_create(&handle, nil, { runBox($0) }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw PQError.system("pthread_create", code)
        }
        #if canImport(Darwin)
        if let handle { pthread_detach(handle) }
        #else
        pthread_detach(handle)
        #endif
    }

    fileprivate final class Box {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

private func runBox(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<DetachedThread.Box>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
