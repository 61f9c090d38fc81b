//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An error that knows how long to wait before another attempt.
package protocol RetryAfterProviding: Error {
    /// The requested pause, if any.
    var retryAfter: Duration? { get }
}
