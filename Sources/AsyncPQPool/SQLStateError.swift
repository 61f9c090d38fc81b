//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ

/// An error of opening a connection that knows the server's SQLSTATE.
///
/// If the server is full, a pool keeps its callers waiting; it passes any other error on to them.
package protocol SQLStateError: Error {
    /// The server's SQLSTATE; nil if the error did not come from the server.
    var sqlState: SQLState? { get }
}

extension PQError: SQLStateError {}
