//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool

/// One after the other: they change the password of one role.
@Suite("The hook before each connection", .serialized, .timeLimit(.minutes(2)))
struct ConnectHookTests {
    private struct NoPassword: Error {}

    /// The password that the hook returns, and how often it was called.
    private final class Vault: Sendable {
        private let state = Mutex((password: TestServer.password, calls: 0))

        var calls: Int { self.state.withLock { $0.calls } }
        func set(_ password: String) { self.state.withLock { $0.password = password } }
        func take() -> Secret {
            self.state.withLock { state in
                state.calls += 1
                return Secret(state.password)
            }
        }
    }

    private let log = LogStore()

    private func client(_ vault: Vault, _ server: TestServer) throws -> PQClient {
        var configuration = server.tls
        configuration.password = nil
        return try PQClient(configuration: configuration, pool: limits(), logger: self.log.logger) {
            $0.password = vault.take()
        }
    }

    private func setPassword(_ password: String, on server: TestServer) async throws {
        try await server.script("ALTER ROLE \(TestServer.passwordUser) PASSWORD '\(password)'")
    }

    @Test func `it is called for each connection, so a changed password is used from then on`() async throws {
        let (server, vault) = (try TestServer.shared(), Vault())
        let client = try self.client(vault, server)
        try await withRunning(client) {
            try await client.query("SELECT 1")
            try await client.query("SELECT 1")
            #expect(vault.calls == 1, "once for each connection, not for each lease")
            let next = "canary-next-5d"
            try await self.setPassword(next, on: server)
            vault.set(next)
            try await client.query("SELECT 1")
            #expect(vault.calls == 1, "an open connection outlives its password")
            #expect(await client.replaceConnections(within: .seconds(50)))
            try await client.query("SELECT 1")
            #expect(vault.calls == 2 && client.statistics.totals.opened == 2)
            try await self.setPassword(TestServer.password, on: server)
            #expect(!self.log.text.contains(next) && !self.log.text.contains(TestServer.password))
        }
    }

    @Test func `after a refusal it is called once more, and another password is tried`() async throws {
        let server = try TestServer.shared()
        let calls = Mutex(0)
        let client = try PQClient(configuration: server.tls, pool: limits(), logger: self.log.logger) { login in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            // The first password has expired between its being read and its being sent.
            login.password = call == 1 ? Secret("expired") : Secret(TestServer.password)
        }
        try await withRunning(client) {
            try await client.query("SELECT 1")
            #expect(calls.withLock { $0 } == 2)
            #expect(client.statistics.totals.opened == 1 && client.statistics.totals.failedToOpen == 0)
        }
    }

    @Test func `a refused password that does not change is refused once`() async throws {
        let (server, vault) = (try TestServer.shared(), Vault())
        vault.set("canary-wrong-1c")
        let client = try self.client(vault, server)
        try await withRunning(client) {
            let error = await thrown { try await client.query("SELECT 1") } as? PQError
            #expect(error?.sqlState == .invalidPassword)
            #expect(vault.calls == 2)
            #expect(error?.description.contains("canary") == false && !self.log.text.contains("canary"))
        }
    }

    @Test func `without a hook a refused login is not repeated`() async throws {
        var configuration = try TestServer.shared().tls
        configuration.password = Secret("wrong")
        let events = EventStore()
        let client = try PQClient(
            configuration: configuration, pool: limits(), delegate: events, logger: self.log.logger)
        try await withRunning(client) {
            let error = await thrown { try await client.query("SELECT 1") } as? PQError
            #expect(error?.sqlState == .invalidPassword)
            #expect(events.events == ["failed"])
        }
    }

    @Test func `its error reaches the callers, and the next caller asks again`() async throws {
        let server = try TestServer.shared()
        let fails = Atomic<Bool>(true)
        let client = try PQClient(configuration: server.socket, pool: limits(), logger: self.log.logger) { _ in
            if fails.load(ordering: .relaxed) { throw NoPassword() }
        }
        try await withRunning(client) {
            for _ in 0..<3 { #expect(await thrown { try await client.query("SELECT 1") } is NoPassword) }
            fails.store(false, ordering: .relaxed)
            let count = try await client.query("SELECT 1").count
            #expect(count == 1)
        }
    }

    @Test func `it may choose another host and role`() async throws {
        let server = try TestServer.shared()
        var nowhere = server.socket
        nowhere.host = "/nonexistent"
        nowhere.username = "nobody-at-all"
        let client = try PQClient(configuration: nowhere, pool: limits(), logger: self.log.logger) { login in
            login.host = server.folder
            login.username = TestServer.superuser
        }
        try await withRunning(client) {
            let user = try await client.query("SELECT current_user::text").decode(String.self)
            #expect(user == [TestServer.superuser])
        }
    }
}
