//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Secrets
import TestSupport
import Testing

@testable import AsyncPQ

private typealias Configuration = PQConnection.Configuration

@Suite("Several servers")
struct ServerChoiceTests {
    private func choice(
        _ target: Configuration.TargetSession, _ balancing: Configuration.LoadBalancing, seed: UInt64 = 1
    )
        -> [ServerChoice.Candidate]
    {
        var configuration = Configuration(host: "a", username: "u", database: "d")
        configuration.additionalHosts = [.init("b", port: 2), .init("c", port: 3)]
        configuration.targetSession = target
        configuration.loadBalancing = balancing
        var generator = SeededGenerator(seed: seed)
        return ServerChoice(configuration, using: &generator).candidates
    }

    @Test func `servers are tried in order, or in every order alike`() {
        #expect(self.choice(.any, .disable).map(\.host.name) == ["a", "b", "c"])
        var firsts: [String: Int] = [:]
        for seed in 0..<600 {
            let names = self.choice(.any, .random, seed: UInt64(seed)).map(\.host.name)
            #expect(names.sorted() == ["a", "b", "c"])
            firsts[names[0], default: 0] += 1
        }
        #expect(firsts.values.allSatisfy { (140...260).contains($0) } && firsts.count == 3, "\(firsts)")
    }

    @Test func `prefer-standby looks for a standby everywhere before it takes anything`() {
        let candidates = self.choice(.preferStandby, .random, seed: 3)
        #expect(candidates.map(\.target) == [.standby, .standby, .standby, .any, .any, .any])
        #expect(candidates[..<3].map(\.host) == candidates[3...].map(\.host))
    }

    @Test func `each share of the time is equal, and the last ends at the deadline`() {
        let now = ContinuousClock.now
        let deadline = now + .seconds(9)
        #expect(deadline.share(among: 3, from: now) == now + .seconds(3))
        #expect(deadline.share(among: 1, from: now) == deadline)
        #expect(deadline.share(among: 2, from: deadline + .seconds(1)) == deadline)
    }

    @Test func `an error after several attempts has all their messages, and the server's words`() {
        let server = PQServerError(severity: "FATAL", sqlState: .cannotConnectNow, message: "starting")
        let error = PQError.ofAttempts([
            PQError(.timedOut, "slow"), PQError(.connectionFailed, "starting", server: server),
            PQError(.timedOut, "slow"),
        ])
        #expect(error.code == .connectionFailed && error.message == "slow; starting" && error.server == server)
        #expect(PQError.ofAttempts([PQError(.timedOut, "slow"), PQError(.timedOut, "slow")]).code == .timedOut)
    }

    // MARK: On servers

    /// A configuration of the primary and the standby, in any order.
    private func servers(_ order: [TestServer], _ target: Configuration.TargetSession) -> Configuration {
        var configuration = order[0].tcp
        configuration.additionalHosts = order[1...].map { .init("127.0.0.1", port: $0.port) }
        configuration.targetSession = target
        return configuration
    }

    private func reached(_ configuration: Configuration) async throws -> Int {
        let connection = try await PQConnection.connect(configuration, logger: quiet)
        let port = try await connection.cell("SELECT inet_server_port()", as: Int32.self)
        #expect(connection.configuration.port == Int(port), "the configuration names the server that was reached")
        // Cancelling goes to the same server.
        let task = Task { try await connection.query("SELECT pg_sleep(60)") }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        await connection.close()
        return Int(port)
    }

    @Test(.timeLimit(.minutes(2)))
    func `the session that is asked for is found, wherever it stands in the list`() async throws {
        let (primary, standby) = (try TestServer.shared(), try TestServer.standby())
        let expected: [(Configuration.TargetSession, Int?)] = [
            (.any, nil), (.readWrite, primary.port), (.readOnly, standby.port), (.primary, primary.port),
            (.standby, standby.port), (.preferStandby, standby.port),
        ]
        for (target, port) in expected {
            for order in [[primary, standby], [standby, primary]] {
                #expect(try await self.reached(self.servers(order, target)) == port ?? order[0].port, "\(target)")
            }
        }
        // Where there is none.
        #expect(try await self.reached(self.servers([primary], .preferStandby)) == primary.port)
        let error = try await pqError { try await self.reached(self.servers([primary, primary], .standby)) }
        #expect(error.code == .connectionFailed && error.message.contains("standby"), "\(error)")
    }

    @Test func `a connection string with two servers finds the standby`() async throws {
        let (primary, standby) = (try TestServer.shared(), try TestServer.standby())
        let text =
            "postgresql://\(TestServer.superuser)@127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)/postgres"
            + "?target_session_attrs=standby&load_balance_hosts=random&sslmode=disable&connect_timeout=60"
        let configuration = try Configuration(connectionString: Secret(text))
        #expect(try await self.reached(configuration) == standby.port)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that accepts and says nothing leaves time for the next`() async throws {
        let silent = try LoopbackSocket()
        let server = try TestServer.shared()
        for address in ["127.0.0.1", nil] as [String?] {
            var configuration = server.tcp
            configuration.host = address == nil ? "127.0.0.1" : "silent.invalid"
            configuration.hostAddress = address
            configuration.port = silent.port
            configuration.additionalHosts = [
                .init("127.0.0.1", port: silent.port), .init("127.0.0.1", port: server.port),
            ]
            let isReached = try await getsFarEnough { limit in
                configuration.connectTimeout = limit
                do {
                    let port = try await self.reached(configuration)
                    #expect(port == server.port)
                    return true
                } catch let error as PQError {
                    // On a busy machine the login can take longer than what is left.
                    #expect(error.code == .connectionFailed || error.code == .timedOut, "\(error)")
                    return false
                }
            }
            #expect(isReached)
        }
        var all = server.tcp
        all.port = silent.port
        all.additionalHosts = [.init("127.0.0.1", port: silent.port)]
        all.connectTimeout = .milliseconds(600)
        let error = try await pqError { try await PQConnection.connect(all, logger: quiet) }
        #expect(error.code == .timedOut, "\(error)")
    }

    @Test(.timeLimit(.minutes(1)))
    func `names that do not exist, closed ports and folders without a socket are passed over`() async throws {
        let deaf = try LoopbackSocket(listening: false)
        defer { withExtendedLifetime(deaf) {} }
        let hangsUp = try LoopbackSocket()
        hangsUp.hangUpOnNext()
        let server = try TestServer.shared()
        var configuration = server.tcp
        configuration.host = "nowhere.invalid"
        configuration.additionalHosts = [
            .init("127.0.0.1", port: deaf.port), .init("/nonexistent"), .init("127.0.0.1", port: hangsUp.port),
            .init(server.folder, port: server.port),
        ]
        let connection = try await PQConnection.connect(configuration, logger: quiet)
        #expect(connection.configuration.host == server.folder)
        await connection.close()
        configuration.additionalHosts.removeLast(2)
        let error = try await pqError { try await PQConnection.connect(configuration, logger: quiet) }
        #expect(error.code == .connectionFailed && error.isSafeToRetry, "\(error)")
        for part in ["nowhere.invalid", "\(deaf.port)", "/nonexistent"] { #expect(error.message.contains(part)) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that refuses the password ends the search, as with libpq`() async throws {
        let server = try TestServer.shared()
        var configuration = server.tls
        configuration.password = Secret("wrong")
        configuration.additionalHosts = [.init("127.0.0.1", port: try LoopbackSocket.freePort())]
        let error = try await pqError { try await PQConnection.connect(configuration, logger: quiet) }
        #expect(error.sqlState == .invalidPassword && !error.message.contains("127.0.0.1"), "\(error)")
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cancelled task stops the search`() async throws {
        let silent = try LoopbackSocket()
        var configuration = try TestServer.shared().tcp
        configuration.port = silent.port
        configuration.additionalHosts = [.init("127.0.0.1", port: silent.port)]
        let accepted = silent.eventsOfNext()
        let (login, logger) = (configuration, quiet)
        let task = Task { try await PQConnection.connect(login, logger: logger) }
        for await event in accepted where event == .accepted {
            task.cancel()
            break
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
