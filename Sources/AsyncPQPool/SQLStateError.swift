//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ

/// An error of opening a connection that knows what the server answered.
///
/// A pool leaves its callers waiting when the server is full, and passes any other error on to them.
package protocol SQLStateError: Error {
    /// The server's SQLSTATE; nil if it had no say.
    var sqlState: SQLState? { get }
}

extension PQError: SQLStateError {}
