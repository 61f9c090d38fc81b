//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Dispatch

/// Work on files that takes long, on threads that may block.
///
/// Swift's own threads are as few as the machine has cores: with two copies on two of them nobody would answer requests.
package enum FileThread {
    private static let queue = DispatchQueue(label: "lakebase.files", attributes: .concurrent)

    /// Runs `body` on a thread of its own and waits for it without blocking.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
