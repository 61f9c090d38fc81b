//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Dispatch

/// Runs long work on files on threads that may block.
///
/// Swift's own threads are as few as the machine has cores: with two copies on two of them, no thread would be left to
/// answer requests.
package enum FileThread {
    private static let queue = DispatchQueue(label: "lakebase.files", attributes: .concurrent)

    /// Runs `body` on a thread of its own and waits for it without blocking.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
