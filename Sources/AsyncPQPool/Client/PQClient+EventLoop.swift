//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

extension PQClient {
    /// Runs `body` on one of the client's event loops, so that its queries change no threads.
    ///
    /// For the handler of a request that runs several short queries, each with a lease of its own. Queries prefer idle
    /// connections of the caller's loop. Non-isolated code in `body` runs on the loop, and every connection on that loop
    /// waits meanwhile: it must not block and should compute little.
    ///
    /// ```swift
    /// try await client.withEventLoop {
    ///     let user = try await client.query("SELECT name FROM users WHERE id = \(id)")
    ///     let notes = try await client.query("SELECT title FROM notes WHERE author = \(id)")
    ///     …
    /// }
    /// ```
    ///
    /// - Throws: What `body` throws.
    public nonisolated(nonsending) func withEventLoop<Value>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await self.eventLoops.withEventLoop(body)
    }
}
