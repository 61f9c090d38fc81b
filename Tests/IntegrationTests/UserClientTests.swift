//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import ServiceLifecycle
import TestSupport
import Testing

@Suite("A client for each visitor", .sharesTheMachine)
struct UserClientTests {
    private func currentUser(_ users: LakebaseClientPool, _ identity: ForwardedIdentity) async throws -> String {
        try await users.withClient(for: identity) { client in
            let rows = try await client.query("SELECT current_user::text")
            return try #require(rows.first).decode(String.self, at: 0)
        }
    }

    private func failure(_ body: () async throws -> Void) async -> LakebaseError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LakebaseError
        }
    }

    /// How many sessions the visitors have on the server, by the server's own account.
    private func sessions(_ client: LakebaseClient, _ visitors: [Visitor]) async throws -> Int {
        let rows = try await client.query(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY (\(visitors.map(\.name)))")
        return try #require(rows.first).decode(Int.self, at: 0)
    }

    @Test("220 visitors share 20 places: each is who they are, and connections stay bounded", .timeLimit(.minutes(10)))
    func manyVisitors() async throws {
        try await withLocalLakebase { stack in
            let visitors = try await stack.visitors(220)
            var limits = LakebaseClientPool.Configuration(maximumUsers: 20)
            limits.acquireTimeout = .seconds(120)
            limits.maximumWaiters = 1000
            // Nothing is closed for being idle: a client that goes was evicted.
            limits.idleTimeout = .seconds(600)
            limits.pool.acquireTimeout = .seconds(60)
            let mintedBefore = stack.local.counts.credentialsMinted
            let (worst, statistics) = try await stack.withClient(.developer) { [limits] watcher in
                try await stack.withUsers(limits) { users in
                    let worst = Tally((sessions: 0, clients: 0, connections: 0))
                    let watching = Tally(true)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            while watching.value {
                                let sessions = try await self.sessions(watcher, visitors)
                                let now = users.statistics
                                worst.change {
                                    $0 = (
                                        max($0.sessions, sessions), max($0.clients, now.clients),
                                        max($0.connections, now.connections)
                                    )
                                }
                            }
                        }
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for visitor in visitors {
                                group.addTask {
                                    let identity = try await visitor.identity()
                                    // Two at a time, so that a pool may want its second connection.
                                    async let first = self.currentUser(users, identity)
                                    async let second = self.currentUser(users, identity)
                                    #expect(try await first == visitor.name)
                                    #expect(try await second == visitor.name)
                                }
                            }
                            try await group.waitForAll()
                        }
                        watching.change { $0 = false }
                        try await group.waitForAll()
                    }
                    return (worst.value, users.statistics)
                }
            }
            #expect(worst.clients <= 20 && worst.connections <= 40)
            // The gateway ends a session a moment after its client has.
            #expect((1...50).contains(worst.sessions), "\(worst)")
            #expect(statistics.totals.acquired == 440)
            #expect(statistics.totals.opened >= 220)
            #expect(statistics.totals.evicted == statistics.totals.opened - statistics.clients)
            #expect(statistics.clients == statistics.idle && statistics.idle == 20, "\(statistics)")
            #expect(statistics.active == 0 && statistics.closing == 0 && statistics.waiting == 0)
            #expect(statistics.totals.timedOut == 0 && statistics.totals.refused == 0)
            #expect(stack.local.counts.credentialsMinted - mintedBefore >= statistics.totals.opened)
        }
    }

    @Test("a visitor's second request uses the first one's client, credential and connection")
    func shared() async throws {
        try await withLocalLakebase { stack in
            let visitors = try await stack.visitors(1)
            try await stack.withUsers { users in
                let identity = try await visitors[0].identity()
                let minted = stack.local.counts.credentialsMinted
                for _ in 0..<5 { #expect(try await self.currentUser(users, identity) == visitors[0].name) }
                // Another token of the same user.
                let again = WorkspaceClient(configuration: visitors[0].client.configuration, logger: quietLogger)
                let other = try await Visitor(name: visitors[0].name, client: again).identity()
                #expect(other != identity)
                #expect(try await self.currentUser(users, other) == visitors[0].name)
                #expect(stack.local.counts.credentialsMinted - minted == 1)
                let statistics = users.statistics
                #expect(statistics.totals.opened == 1 && statistics.totals.acquired == 6)
                #expect(statistics.connections == 1 && statistics.idle == 1)
            }
        }
    }

    @Test("who has been idle for long is closed, and the connections with it")
    func idle() async throws {
        try await withLocalLakebase { stack in
            let visitors = try await stack.visitors(2)
            try await stack.withUsers(LakebaseClientPool.Configuration(idleTimeout: .milliseconds(300))) { users in
                for visitor in visitors {
                    #expect(try await self.currentUser(users, try await visitor.identity()) == visitor.name)
                }
                try await eventually("the idle clients are closed") { users.statistics.clients == 0 }
                #expect(users.statistics.connections == 0 && users.statistics.totals.idled == 2)
                #expect(users.statistics.totals.evicted == 0)
                try await stack.withClient(.developer) { watcher in
                    try await eventually("their sessions end") { try await self.sessions(watcher, visitors) == 0 }
                }
                #expect(try await self.currentUser(users, try await visitors[0].identity()) == visitors[0].name)
            }
        }
    }

    @Test("while every place is in use others wait, up to their limit, and are told what is the matter")
    func busy() async throws {
        try await withLocalLakebase { stack in
            let visitors = try await stack.visitors(3)
            var limits = LakebaseClientPool.Configuration(maximumUsers: 1)
            limits.acquireTimeout = .seconds(2)
            limits.maximumWaiters = 1
            try await stack.withUsers(limits) { [limits] users in
                let identities = [
                    try await visitors[0].identity(), try await visitors[1].identity(),
                    try await visitors[2].identity(),
                ]
                try await users.withClient(for: identities[0]) { _ in
                    let started = ContinuousClock.now
                    async let waiting = self.failure { _ = try await self.currentUser(users, identities[1]) }
                    try await eventually("somebody waits") { users.statistics.waiting == 1 }
                    let refused = await self.failure { _ = try await self.currentUser(users, identities[2]) }
                    #expect(refused?.code == .queueFull)
                    let timedOut = await waiting
                    #expect(timedOut?.code == .timedOut)
                    #expect(timedOut?.message.contains("1 clients (1 in use") == true, "\(timedOut?.message ?? "-")")
                    #expect(timedOut?.remedy?.contains("maximumUsers") == true)
                    #expect(started.duration(to: .now) >= limits.acquireTimeout)
                    // The user who has the place may come again.
                    #expect(try await self.currentUser(users, identities[0]) == visitors[0].name)

                    // A visitor who leaves does not keep a place in line.
                    let left = await withTaskGroup(of: Bool.self) { group in
                        group.addTask {
                            do { _ = try await self.currentUser(users, identities[1]) } catch {
                                return error is CancellationError
                            }
                            return false
                        }
                        while users.statistics.waiting == 0 { await Task.yield() }
                        group.cancelAll()
                        return await group.next() ?? false
                    }
                    #expect(left && users.statistics.waiting == 0)
                }
                let totals = users.statistics.totals
                #expect(totals.timedOut == 1 && totals.refused == 1)
                // Free again, it goes to the next.
                #expect(try await self.currentUser(users, identities[1]) == visitors[1].name)
                #expect(users.statistics.totals.evicted == 1)
            }
        }
    }

    @Test("a header is believed only as far as the token goes")
    func identities() async throws {
        let log = LogStore()
        try await withLocalLakebase(logger: log.logger) { stack in
            let developer = stack.ready.developer
            try await stack.withUsers { users in
                let own = ForwardedIdentity(
                    accessToken: developer.credential, email: developer.userName.uppercased())
                let names = [try await users.verify(own).userName, try await self.currentUser(users, own)]
                #expect(names == [developer.userName, developer.userName])

                let asOther = ForwardedIdentity(accessToken: developer.credential, email: "chief@example.com")
                let asNobody = ForwardedIdentity(accessToken: Secret("canary-7c1e"), email: developer.userName)
                let claims = Data(#"{"sub":"ann","exp":1000}"#.utf8).base64EncodedString()
                let ended = ForwardedIdentity(accessToken: Secret("e30.\(claims).x"))
                let without = ForwardedIdentity(accessToken: nil, email: developer.userName)
                for (identity, words) in [
                    (asOther, "chief@example.com"), (ended, "has expired"), (asNobody, "does not accept"),
                    (without, "no access token"),
                ] {
                    let error = await self.failure { _ = try await self.currentUser(users, identity) }
                    #expect(error?.code == .identityRejected, "\(words)")
                    #expect(error.map { "\($0)".contains(words) } == true, "\(error.map { "\($0)" } ?? "-")")
                    #expect(error.map { "\($0) \(String(reflecting: $0))".contains("canary") } == false)
                }
                let statistics = users.statistics
                #expect(statistics.totals.rejected == 4 && statistics.totals.opened == 1)
            }
            let secret = developer.credential.withUnsafeValue { $0 }
            #expect(!log.text.contains("canary-7c1e") && !log.text.contains(secret))
        }
    }

    @Test("a visitor without a role is refused by the database, and the others are not")
    func withoutRole() async throws {
        try await withLocalLakebase { stack in
            let stranger = try await stack.visitors(1, withRoles: false)[0]
            let guest = try await stack.visitors(1)[0]
            try await stack.withUsers(LakebaseClientPool.Configuration(maximumUsers: 1)) { users in
                let error = await self.failure { _ = try await self.currentUser(users, try await stranger.identity()) }
                #expect(error?.code == .loginRejected)
                #expect(error.map { "\($0)".contains(stranger.name) } == true)
                let found = try await self.currentUser(users, try await guest.identity())
                #expect(found == guest.name)
            }
        }
    }

    @Test("credentials are renewed while a client lives")
    func rotation() async throws {
        let configuration = LocalLakebaseConfiguration(tokenLifetime: .seconds(5))
        try await withLocalLakebase(configuration) { stack in
            let visitor = try await stack.visitors(1)[0]
            var limits = LakebaseClientPool.Configuration()
            limits.pool.maximumAge = .milliseconds(100)
            try await stack.withUsers(limits) { users in
                let minted = stack.local.counts.credentialsMinted
                try await eventually("three credentials are minted") {
                    let found = try await self.currentUser(users, try await visitor.identity())
                    #expect(found == visitor.name)
                    return stack.local.counts.credentialsMinted - minted >= 3
                }
                #expect(users.statistics.totals.opened == 1)
            }
        }
    }

    @Test("a graceful shutdown lets who has a connection finish and turns others away", .timeLimit(.minutes(10)))
    func gracefulShutdown() async throws {
        try await withLocalLakebase { stack in
            let visitor = try await stack.visitors(1)[0]
            let identity = try await visitor.identity()
            var limits = LakebaseClientPool.Configuration()
            // Only the connection's coming back ends it, and not the time for draining.
            limits.pool.drainTimeout = .seconds(3600)
            let users = try LakebaseClientPool(
                client: try .fromEnvironment(stack.environment(.app)), configuration: limits, logger: quietLogger)
            let services = ServiceGroup(services: [users], logger: quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                try await users.withClient(for: identity) { client in
                    try await client.withConnection { connection in
                        await services.triggerGracefulShutdown()
                        try await eventually("others are turned away") {
                            await self.failure { try await users.withClient(for: identity) { _ in } }?.code == .shutDown
                        }
                        let rows = try await connection.query("SELECT current_user::text")
                        #expect(try rows.first?.decode(String.self, at: 0) == visitor.name)
                    }
                }
                try await group.waitForAll()
            }
            #expect(users.statistics.clients == 0 && users.statistics.connections == 0)
        }
    }

    @Test("when its task is cancelled every client is closed, and nobody gets another")
    func cancellation() async throws {
        try await withLocalLakebase { stack in
            let visitor = try await stack.visitors(1)[0]
            let identity = try await visitor.identity()
            let users = try LakebaseClientPool(
                client: try .fromEnvironment(stack.environment(.app)), logger: quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await users.run() }
                #expect(try await self.currentUser(users, identity) == visitor.name)
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(users.statistics.clients == 0 && users.statistics.connections == 0)
            let error = await self.failure { _ = try await self.currentUser(users, identity) }
            #expect(error?.code == .shutDown)
        }
    }

    @Test("a database with a password for all has no visitors of its own")
    func plainPostgres() throws {
        let configuration = LakebaseConfiguration(target: .postgres(host: "127.0.0.1", password: nil))
        let error = #expect(throws: LakebaseConfigurationError.self) {
            try LakebaseClientPool(
                client: configuration, configuration: LakebaseClientPool.Configuration(maximumUsers: 0),
                logger: quietLogger)
        }
        #expect(error?.problems.map(\.setting) == ["maximumUsers", "target"])
    }
}
