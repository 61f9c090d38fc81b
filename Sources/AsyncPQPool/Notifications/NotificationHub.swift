//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
package import Logging
import Synchronization

/// Receives the notifications of all channels of a client over one connection of its own.
///
/// The connection is opened when the first listener comes, by ``run()``, and closed when the last one has gone. When it is
/// lost, another one is opened, with growing pauses while that fails; all channels are listened to again, and then every
/// listener gets ``PQChannelEvent/interrupted``.
package final class NotificationHub: Sendable {
    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct State {
        var table = ChannelTable<ChannelBuffer, Waiter>()
        var lastID: UInt64 = 0
        var isShutDown = false
    }

    /// Opens the connection.
    private let open: @Sendable () async throws -> PQConnection
    private let pause: Duration
    private let logger: Logger
    private let state = Mutex(State())
    /// Tells `run()` that a listener has come or gone, or that the connection is closed.
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Ends when the hub is shut down.
    private let life = AsyncStream.makeStream(of: Never.self)

    private static let longestPause = Duration.seconds(30)

    /// - Parameter pause: The pause after the first failure to connect; each further one doubles it, up to 30 seconds.
    /// - Parameter logger: Gets lost connections at warning.
    /// - Parameter open: Opens a connection, which the hub closes. It is called in a child task of ``run()``, which a
    ///   shutdown cancels.
    package init(
        pause: Duration = .milliseconds(100), logger: Logger, open: @escaping @Sendable () async throws -> PQConnection
    ) {
        self.pause = pause
        self.logger = logger
        self.open = open
    }

    /// Listens to a channel; returns when the server does.
    ///
    /// While there is no connection it waits for one, and before ``run()`` is called for that.
    ///
    /// - Parameter bufferLimit: How many notifications may wait for the loop; further ones are dropped, and the loop gets
    ///   ``PQChannelEvent/interrupted`` in their place.
    /// - Throws: ``PQError`` when the server refuses it or the hub is shut down; `CancellationError`.
    package func listen(_ channel: String, bufferLimit: Int = 1024) async throws -> PQChannelEvents {
        try PQNotification.check(channel: channel)
        let buffer = ChannelBuffer(limit: bufferLimit)
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let registration = ChannelRegistration(buffer) { [weak self] in self?.remove(id, from: channel) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let result: Result<Waiter?, any Error> = self.state.withLock { state in
                    if state.isShutDown { return .failure(Self.shutDown) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    return .success(state.table.add(id, to: channel, buffer, waiter))
                }
                switch result {
                case .success(let ready): ready?.resume()
                case .failure(let error): waiter.resume(throwing: error)
                }
                self.changes.continuation.yield()
            }
        } onCancel: {
            self.remove(id, from: channel)
        }
        return PQChannelEvents(registration: registration)
    }

    private func remove(_ id: UInt64, from channel: String) {
        let waiter = self.state.withLock { $0.table.remove(id, from: channel) }
        waiter?.resume(throwing: CancellationError())
        self.changes.continuation.yield()
    }

    /// Keeps the connection until the task is cancelled or the hub is shut down.
    ///
    /// A shutdown also ends the pause before an attempt to connect, and the attempt itself. To be called once.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepConnected() }
            group.addTask { for await _ in self.life.stream {} }
            await group.next()
            group.cancelAll()
        }
        self.shutDown()
    }

    private func keepConnected() async {
        var changes = self.changes.stream.makeAsyncIterator()
        var pause = self.pause
        while !Task.isCancelled {
            guard self.state.withLock({ !$0.table.isEmpty }) else {
                guard await changes.next(isolation: #isolation) != nil else { break }
                continue
            }
            do {
                let connection = try await self.open()
                pause = self.pause
                let result: Result<Void, any Error>
                do {
                    result = .success(try await self.serve(connection, &changes))
                } catch {
                    result = .failure(error)
                }
                await connection.close()
                self.state.withLock { $0.table.didDisconnect() }
                try result.get()
            } catch {
                guard !Task.isCancelled, self.state.withLock({ !$0.isShutDown }) else { break }
                self.logger.warning(
                    "The connection that receives notifications is lost; it is opened again",
                    metadata: ["error": "\(error)", "pause": "\(pause)"])
                try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// Ends all loops, and `run()`.
    package func shutDown() {
        let (waiters, listeners) = self.state.withLock { state in
            state.isShutDown = true
            return state.table.removeAll()
        }
        self.changes.continuation.finish()
        self.life.continuation.finish()
        for waiter in waiters { waiter.resume(throwing: Self.shutDown) }
        for listener in listeners { listener.end() }
    }

    /// Listens to what is wanted until nothing is; throws when the connection is closed.
    private func serve(_ connection: PQConnection, _ changes: inout AsyncStream<Void>.Iterator) async throws {
        await connection.observeNotifications { [weak self] in self?.deliver($0) }
        let reason = Mutex<PQError?>(nil)
        await connection.onClose { [changes = self.changes.continuation] error in
            reason.withLock { $0 = error }
            changes.yield()
        }
        while !Task.isCancelled {
            if let reason = reason.withLock({ $0 }) { throw reason }
            switch self.state.withLock({ $0.table.next }) {
            case .listen(let channel):
                do {
                    try await connection.query("LISTEN \(identifier: channel)")
                } catch let error as PQError where error.code == .server {
                    self.refuse(channel, error)
                    continue
                }
                let (waiters, interrupted) = self.state.withLock { $0.table.didListen(to: channel) }
                for listener in interrupted { listener.append(.interrupted) }
                for waiter in waiters { waiter.resume() }
            case .unlisten(let channel):
                try await connection.query("UNLISTEN \(identifier: channel)")
                self.state.withLock { $0.table.didUnlisten(channel) }
            case .wait: guard await changes.next(isolation: #isolation) != nil else { return }
            case .close: return
            }
        }
    }

    private func refuse(_ channel: String, _ error: PQError) {
        let (waiters, listeners) = self.state.withLock { $0.table.refused(channel) }
        for waiter in waiters { waiter.resume(throwing: error) }
        for listener in listeners { listener.end(throwing: error) }
    }

    private func deliver(_ notification: PQNotification) {
        for listener in self.state.withLock({ $0.table.listeners(of: notification.channel) }) {
            listener.append(.notification(notification))
        }
    }

    private static var shutDown: PQError {
        PQError(.connectionClosed, "the client has been shut down and receives no more notifications")
    }
}
