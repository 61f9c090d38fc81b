//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("Notifications of a client", .sharesTheMachine)
struct NotificationHubTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func connect() async throws -> PQConnection {
        try await PQConnection.connect(TestServer.shared().socket, logger: Self.quiet)
    }

    /// Runs a hub beside `body`.
    private func withHub<Value: Sendable>(
        _ open: @escaping @Sendable () async throws -> PQConnection, _ body: (NotificationHub) async throws -> Value
    ) async throws -> Value {
        let hub = NotificationHub(pause: .milliseconds(10), logger: Self.quiet, open: open)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await hub.run() }
            defer { group.cancelAll() }
            return try await body(hub)
        }
    }

    @Test func `one connection serves all channels, and is closed when the last listener has gone`() async throws {
        let opened = Mutex<[PQConnection]>([])
        let open: @Sendable () async throws -> PQConnection = {
            let connection = try await self.connect()
            opened.withLock { $0.append(connection) }
            return connection
        }
        try await self.withHub(open) { hub in
            let sender = try await self.connect()
            var sequences: [PQChannelEvents] = []
            for number in 0..<20 {
                sequences.append(try await hub.listen("Hub \"\(number % 10)"))
                if number == 0 { #expect(opened.withLock { $0.count } == 1) }
            }
            for number in 0..<10 {
                try await sender.query("SELECT pg_notify(\("Hub \"\(number)"), \("\(number)"))")
            }
            for (number, sequence) in sequences.enumerated() {
                var events = sequence.makeAsyncIterator()
                guard case .notification(let found) = try await events.next() else {
                    Issue.record("no notification of channel \(number)")
                    continue
                }
                #expect(found.channel == "Hub \"\(number % 10)" && found.payload == "\(number % 10)")
            }
            let connections = opened.withLock { $0 }
            #expect(connections.count == 1)
            sequences.removeAll()
            let isClosed = await becomesTrue { await !(connections.first?.isOpen ?? true) }
            #expect(isClosed)
            let again = try await hub.listen("hub again")
            #expect(opened.withLock { $0.count } == 2)
            withExtendedLifetime(again) {}
            await sender.close()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a lost connection is replaced, all channels are listened to again, and every listener is told`() async throws
    {
        let failures = Mutex(0)
        let opened = Mutex<[PQConnection]>([])
        let open: @Sendable () async throws -> PQConnection = {
            if failures.withLock({
                $0 -= 1
                return $0 >= 0
            }) {
                throw PQError(.connectionFailed, "not now")
            }
            let connection = try await self.connect()
            opened.withLock { $0.append(connection) }
            return connection
        }
        try await self.withHub(open) { hub in
            let sender = try await self.connect()
            let sequences = [
                try await hub.listen("hub_a"), try await hub.listen("hub_a"), try await hub.listen("hub_b"),
            ]
            var loops = sequences.map { $0.makeAsyncIterator() }
            for round in 1...5 {
                failures.withLock { $0 = round % 3 }
                let connection = try #require(opened.withLock { $0.last })
                let rows = try await connection.query("SELECT pg_backend_pid()").decode(Int32.self)
                let process = try #require(rows.first)
                try await sender.query("SELECT pg_terminate_backend(\(process), 5000)")
                for index in loops.indices {
                    let event = try await loops[index].next()
                    #expect(event == .interrupted, "round \(round)")
                }
                // From then on nothing is missed.
                try await sender.query("SELECT pg_notify('hub_a', ''), pg_notify('hub_b', '')")
                for index in loops.indices {
                    guard case .notification = try await loops[index].next() else {
                        Issue.record("no notification in round \(round)")
                        continue
                    }
                }
            }
            #expect(opened.withLock { $0.count } == 6)
            await sender.close()
        }
    }

    @Test func `a listener waits for the first connection, can give up, and ends with the hub`() async throws {
        let hub = NotificationHub(logger: Self.quiet) { throw PQError(.connectionFailed, "never") }
        let runs = Task { await hub.run() }
        let waiting = Task { try await hub.listen("hub_waiting") }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        let other = Task { try await hub.listen("hub_waiting") }
        runs.cancel()
        await runs.value
        await #expect(throws: PQError.self) { _ = try await other.value }
        await #expect(throws: PQError.self) { _ = try await hub.listen("hub_waiting") }
    }

    @Test func `loops end without an error when the hub is shut down`() async throws {
        let hub = NotificationHub(logger: Self.quiet) { try await self.connect() }
        let runs = Task { await hub.run() }
        let events = try await hub.listen("hub_end")
        let loop = Task {
            for try await _ in events {}
            return true
        }
        hub.shutDown()
        await runs.value
        #expect(try await loop.value)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a shutdown ends the pause before the next attempt to connect`() async throws {
        let log = LogStore()
        let hub = NotificationHub(pause: .seconds(3600), logger: log.logger) {
            throw PQError(.connectionFailed, "never")
        }
        let runs = Task { await hub.run() }
        let waiting = Task { try await hub.listen("hub_paused") }
        #expect(await becomesTrue { !log.lines.isEmpty })
        hub.shutDown()
        await runs.value
        await #expect(throws: PQError.self) { _ = try await waiting.value }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a shutdown ends an attempt to connect`() async throws {
        let (begun, begin) = AsyncStream<Never>.makeStream()
        let hub = NotificationHub(logger: Self.quiet) {
            begin.finish()
            try await Task.sleep(for: .seconds(3600))
            throw PQError(.connectionFailed, "never")
        }
        let runs = Task { await hub.run() }
        let waiting = Task { try await hub.listen("hub_connecting") }
        for await _ in begun {}
        hub.shutDown()
        await runs.value
        await #expect(throws: PQError.self) { _ = try await waiting.value }
    }

    @Test func `a client listens beside its queries, and its end ends the loops`() async throws {
        let client = try PQClient(
            configuration: TestServer.shared().socket, pool: limits { $0.maximumConnections = 1 }, logger: Self.quiet)
        let events = try await withRunning(client) {
            let events = try await client.listen("hub_client")
            _ = try await client.withConnection { try await $0.query("NOTIFY hub_client, 'hello'") }
            var loop = events.makeAsyncIterator()
            guard case .notification(let found) = try await loop.next() else {
                Issue.record("no notification")
                return events
            }
            #expect(found.payload == "hello")
            return events
        }
        for try await _ in events {}
        await #expect(throws: PQError.self) { _ = try await client.listen("hub_client") }
    }
}
