//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQPool

/// Runs a pool beside `body` and ends it afterwards.
///
/// - Returns: What `body` returned, once the pool's ``ConnectionPool/run()`` is over.
package func withRunning<Value: Sendable>(
    _ pool: ConnectionPool, _ body: () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await pool.run() }
        defer { group.cancelAll() }
        return try await body()
    }
}
