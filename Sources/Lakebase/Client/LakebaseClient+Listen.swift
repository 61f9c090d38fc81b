//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQPool

/// `copyIn` and `copyOut` are those of every client with a pool.
extension LakebaseClient: PQPooledClient {}

extension LakebaseClient {
    /// Listens to a channel.
    ///
    /// ```swift
    /// for try await event in try await lakebase.listen("jobs") {
    ///     switch event {
    ///     case .notification(let notification): print(notification.payload)
    ///     case .interrupted: print("read everything again")
    ///     }
    /// }
    /// ```
    ///
    /// All channels of the client share one connection, which is none of the pool's and keeps the compute awake. When it
    /// is lost it is opened again, with a new credential where one is needed, and every loop gets
    /// `PQChannelEvent.interrupted`. The method returns when the server listens, and waits while it cannot be reached or
    /// ``run()`` has not been called.
    ///
    /// - Parameter channel: The channel's name as it is, without quotes: `Jobs` is not `jobs`.
    /// - Parameter bufferLimit: How many notifications may wait for the loop; further ones are dropped, and the loop gets
    ///   `PQChannelEvent.interrupted` in their place.
    /// - Throws: `PQError` when the server refuses it or the client is shut down; `CancellationError`.
    public func listen(_ channel: String, bufferLimit: Int = 1024) async throws -> PQChannelEvents {
        try await self.pool.notifications.listen(channel, bufferLimit: bufferLimit)
    }
}
