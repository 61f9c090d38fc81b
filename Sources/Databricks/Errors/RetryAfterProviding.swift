//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An error that knows how long the other side wants to be left alone.
package protocol RetryAfterProviding: Error {
    /// The pause that was asked for, if any.
    var retryAfter: Duration? { get }
}
