//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// The state that all connections of a gateway share.
final class GatewayCore: Sendable {
    private struct Entry {
        var handle: ConnectionHandle
        var info: GatewaySessionInfo?
    }

    private struct State {
        var nextID: UInt64 = 1
        var connections: [UInt64: Entry] = [:]
        var isStopping = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var clocks: [ObjectIdentifier: NIOLoopBound<LoopClock>] = [:]
        var logins: PendingLogins
        var fullSpell = TroubleSpell()
        var loginSpell = TroubleSpell()
    }

    let configuration: GatewayConfiguration
    let logger: Logger
    let tls: NIOSSLContext?
    let cancels: CancelRegistry
    let contexts = TLSContextCache()
    let jobs: AsyncStream<LoginJob>
    let jobSink: AsyncStream<LoginJob>.Continuation
    private let state: NIOLockedValueBox<State>

    init(configuration: GatewayConfiguration, tls: NIOSSLContext?, logger: Logger) {
        self.configuration = configuration
        self.tls = tls
        self.logger = logger
        self.cancels = CancelRegistry(
            maximumConcurrency: configuration.maximumConcurrentCancels,
            patience: TimeAmount(configuration.loginTimeout)
        )
        // Half of the file descriptors are for authenticated clients, so that unauthenticated ones cannot shut them
        // out.
        let files = OpenFileLimit.current ?? .max
        let maximum = min(configuration.maximumPendingLogins, files / 2)
        self.state = NIOLockedValueBox(State(logins: PendingLogins(maximum: maximum)))
        (self.jobs, self.jobSink) = AsyncStream.makeStream()
    }

    /// Registers a new connection.
    ///
    /// Some connections more than the limit are accepted, so that their clients get an error message and cancel
    /// requests still arrive. When too many clients are logging in, the client that has waited longest is closed.
    ///
    /// - Parameter makeHandle: Makes the connection; not called if there is no room even for an error message.
    func admit(_ makeHandle: (_ id: UInt64, _ isFull: Bool) -> ConnectionHandle) {
        let now = NIODeadline.now()
        var evicted: ConnectionHandle?
        var (beginsFull, beginsCrowded) = (false, false)
        self.state.withLockedValue { state in
            guard !state.isStopping else { return }
            let count = state.connections.count
            var isFull = false
            if let maximum = self.configuration.maximumConnections.map({ max($0, 0) }), count >= maximum {
                guard count - maximum < max(16, maximum / 4) else {
                    beginsFull = state.fullSpell.happened(at: now)
                    return
                }
                isFull = true
            }
            let id = state.nextID
            state.nextID += 1
            state.connections[id] = Entry(handle: makeHandle(id, isFull))
            if let oldest = state.logins.add(id) {
                evicted = state.connections[oldest]?.handle
                beginsCrowded = state.loginSpell.happened(at: now)
            }
        }
        if beginsFull {
            self.logger.warning("there are too many connections; more are closed without an error message")
        }
        if beginsCrowded {
            self.logger.warning("too many clients are logging in at once; those that take longest are rejected")
        }
        evicted?.evict()
    }

    /// Records that a client has sent its password, so that it is no longer a pending login.
    func hasPassword(_ id: UInt64) { self.state.withLockedValue { $0.logins.remove(id) } }

    /// Records the facts about a session.
    func update(_ info: GatewaySessionInfo) {
        self.state.withLockedValue { $0.connections[info.id]?.info = info }
    }

    /// Removes a connection.
    func remove(_ id: UInt64) {
        let waiters = self.state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
            state.connections[id] = nil
            state.logins.remove(id)
            guard state.connections.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The current sessions, in the order of their numbers.
    var sessions: [GatewaySessionInfo] {
        self.state.withLockedValue { $0.connections.values.compactMap(\.info) }.sorted { $0.id < $1.id }
    }

    /// Ends the sessions that match.
    func terminate(where predicate: (GatewaySessionInfo) -> Bool) -> Int {
        let all = self.state.withLockedValue { Array($0.connections.values) }
        let chosen = all.filter { $0.info.map(predicate) ?? false }
        for entry in chosen { entry.handle.terminate() }
        return chosen.count
    }

    /// Accepts no more connections, ends all that are open and waits for the last one.
    func stop() async {
        self.jobSink.finish()
        let all = self.state.withLockedValue { state in
            state.isStopping = true
            return Array(state.connections.values)
        }
        for entry in all { entry.handle.terminate() }
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLockedValue { state in
                if !state.connections.isEmpty { state.waiters.append(continuation) }
                return state.connections.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// The clock of an event loop; call it on that loop.
    func clock(of eventLoop: any EventLoop) -> LoopClock {
        self.state.withLockedValue { state in
            if let clock = state.clocks[ObjectIdentifier(eventLoop)] { return clock }
            let clock = NIOLoopBound(LoopClock(eventLoop: eventLoop), eventLoop: eventLoop)
            state.clocks[ObjectIdentifier(eventLoop)] = clock
            return clock
        }.value
    }
}

/// A connection as seen by other threads.
struct ConnectionHandle: Sendable {
    let eventLoop: any EventLoop
    let connection: NIOLoopBound<Connection>

    /// Ends the connection, with an error to the client.
    func terminate() {
        self.eventLoop.execute { self.connection.value.handleWhenActive(.terminated) }
    }

    /// Makes room for another connection.
    func evict() {
        self.eventLoop.execute { self.connection.value.handleWhenActive(.evicted) }
    }
}
