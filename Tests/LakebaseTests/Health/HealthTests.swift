//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import TestSupport
import Testing

@testable import Lakebase

@Suite("Health")
struct HealthTests {
    private typealias Facts = HealthVerdict.Facts

    private func verdict(_ change: (inout HealthVerdict.Facts) -> Void) -> String {
        var facts = Facts()
        change(&facts)
        let verdict = HealthVerdict(facts)
        return "\(verdict.isLive ? "live" : "dead") \(verdict.isReady ? "ready" : "not ready") \(verdict.reason)"
    }

    @Test func `a client that does not run is neither live nor ready`() {
        #expect(self.verdict { $0.hasBegun = false } == "dead not ready notRunning")
        #expect(self.verdict { $0.hasEnded = true } == "dead not ready ended")
        #expect(self.verdict { ($0.isShuttingDown, $0.idle) = (true, 1) } == "live not ready shuttingDown")
        #expect(self.verdict { ($0.isPaused, $0.idle) = (true, 1) } == "live not ready paused")
    }

    @Test func `an idle connection is proof enough, whatever failed before`() {
        #expect(self.verdict { ($0.idle, $0.failures) = (1, (.seconds(60), .zero, true)) } == "live ready connected")
    }

    @Test func `leased connections are proof unless new ones fail`() {
        #expect(self.verdict { $0.leased = 3 } == "live ready connected")
        #expect(
            self.verdict { ($0.leased, $0.failures) = (3, (.seconds(60), .zero, false)) } == "live not ready loginsFail"
        )
    }

    @Test func `a compute may refuse for as long as it takes to wake`() {
        #expect(self.verdict { $0.failures = (.seconds(9), .zero, false) } == "live ready unused")
        #expect(self.verdict { $0.failures = (.seconds(10), .zero, false) } == "live not ready loginsFail")
        #expect(
            self.verdict { $0.failures = (.zero, .zero, true) } == "live not ready loginsFail",
            "a refused login is final")
    }

    @Test func `a failure does not count for ever, since only an attempt can tell`() {
        #expect(self.verdict { $0.failures = (.seconds(60), .seconds(14), true) } == "live not ready loginsFail")
        #expect(self.verdict { $0.failures = (.seconds(60), .seconds(15), true) } == "live ready unused")
    }

    @Test func `a sleeping endpoint is ready, unless logins are refused`() {
        #expect(self.verdict { $0.endpoint = .asleep } == "live ready asleep")
        #expect(
            self.verdict { ($0.endpoint, $0.failures) = (.asleep, (.seconds(60), .zero, false)) } == "live ready asleep"
        )
        #expect(
            self.verdict { ($0.endpoint, $0.failures) = (.asleep, (.seconds(60), .zero, true)) }
                == "live not ready loginsFail")
    }

    @Test func `with nothing open the workspace has the word`() {
        #expect(self.verdict { $0.endpoint = .off } == "live not ready switchedOff")
        #expect(self.verdict { $0.endpoint = .awake } == "live ready unused")
        #expect(self.verdict { ($0.endpoint, $0.hasLoggedIn) = (.awake, true) } == "live ready idle")
        #expect(self.verdict { $0.endpoint = .unknown } == "live not ready workspaceSilent")
        #expect(self.verdict { ($0.endpoint, $0.hasLoggedIn) = (.unknown, true) } == "live ready idle")
        #expect(self.verdict { $0.endpoint = .none } == "live ready unused")
    }

    @Test func `the workspace is asked only when nothing is open`() {
        #expect(HealthVerdict.needsEndpoint(Facts()))
        #expect(!HealthVerdict.needsEndpoint(Facts(idle: 1)))
        #expect(!HealthVerdict.needsEndpoint(Facts(leased: 1)))
        #expect(!HealthVerdict.needsEndpoint(Facts(hasBegun: false)))
        #expect(!HealthVerdict.needsEndpoint(Facts(isShuttingDown: true)))
    }

    @Test func `states of the workspace are read as what they mean for a connection`() {
        func read(_ state: Postgres.EndpointState?, disabled: Bool? = nil) -> HealthVerdict.Endpoint {
            EndpointWatch.read(Postgres.EndpointStatus(currentState: state, disabled: disabled)).endpoint
        }
        #expect(read(.idle) == .asleep)
        #expect(read(.active) == .awake && read(.degraded) == .awake && read(nil) == .awake)
        #expect(read(.idle, disabled: true) == .off)
        #expect(EndpointWatch.read(nil).endpoint == .unknown)
        func read(_ state: Database.InstanceState) -> HealthVerdict.Endpoint {
            EndpointWatch.read(Database.Instance(name: "i", state: state)).endpoint
        }
        #expect(read(.available) == .awake && read(.stopped) == .off)
    }

    @Test(.timeLimit(.minutes(1)))
    func `many probes at once are one question, whose answer is kept`() async {
        let asked = Counter()
        let watch = EndpointWatch {
            asked.increment()
            await Task.yield()
            return .init(endpoint: .asleep, state: "IDLE")
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { #expect(await watch.look().endpoint == .asleep) } }
        }
        #expect(asked.value == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func `health follows the life of a client, and opens nothing`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try LakebaseClient(
            configuration: LakebaseConfiguration(
                target: .postgres(host: server.directory, password: Secret("canary-5d1e")), database: "app",
                username: "ann",
                tls: .disable),
            logger: LogStore().logger)
        #expect(await client.checkHealth().reason == LakebaseHealth.Reason.notRunning)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            #expect(await becomesTrue { client.isLive })
            for _ in 0..<20 { #expect(await client.checkHealth().reason == LakebaseHealth.Reason.unused) }
            #expect(server.logins == 0)
            try await client.query("SELECT 1")
            let health = await client.checkHealth()
            #expect(health.isReady && health.reason == .connected && health.lastFailure == nil)
            let data = try JSONEncoder().encode(health)
            let text = String(decoding: data, as: UTF8.self)
            #expect(text.contains(#""reason":"connected""#) && text.contains(#""idle":1"#))
            #expect(!text.contains("canary-5d1e"))
            let decoded = try JSONDecoder().decode(LakebaseHealth.self, from: data)
            #expect(decoded.statistics.pool == health.statistics.pool)
            client.pause()
            #expect(await client.checkHealth().reason == LakebaseHealth.Reason.paused)
            client.resume()
            group.cancelAll()
        }
        #expect(await client.checkHealth().reason == LakebaseHealth.Reason.ended)
        #expect(!client.isLive)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a host where nobody listens is not ready once the time for waking is over`() async throws {
        let client = try LakebaseClient(
            configuration: LakebaseConfiguration(
                target: .postgres(host: "host.invalid", password: nil), username: "ann", tls: .disable,
                pool: PQPoolConfiguration(wakeTimeout: .milliseconds(60))),
            logger: LogStore().logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            _ = try? await client.query("SELECT 1")
            let health = await client.checkHealth()
            #expect(health.isLive && !health.isReady && health.reason == .loginsFail)
            #expect(health.lastFailure?.contains("host.invalid") == true)
            group.cancelAll()
        }
    }
}
