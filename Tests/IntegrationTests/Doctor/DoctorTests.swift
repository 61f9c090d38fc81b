//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Lakebase
import LakebaseDoctor
import LakebaseLocal
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("The doctor on a real local Lakebase", .sharesTheMachine, .serialized)
struct DoctorTests {
    @Test("all is well: every step in order, each value with its origin, the same for the owner and the app")
    func well() async throws {
        try await withScene { scene in
            for identity in LocalLakebase.Identity.allCases {
                let report = await scene.doctor(identity)
                #expect(report.checks.map(\.step) == DoctorStep.allCases)
                #expect(report.checks.allSatisfy { $0.verdict == .ok } && report.exitStatus == 0, report.told)
                let host = report.configuration?.entries.first { $0.name == "host" }
                #expect(host?.source == .environment("PGHOST") && host?.value == scene.endpoint.address)
                let name = scene.stack.ready.identity(identity).userName
                #expect(report[.login]?.result.text.contains("\"\(name)\"") == true, report.told)
                #expect(report[.workspace]?.result.text.contains("\"\(name)\"") == true, report.told)
            }
            // The host is looked up, so the workspace comes before the network.
            let found = await scene.doctor(changes: ["PGHOST": nil as String?])
            #expect(found.exitStatus == 0, found.told)
            #expect(found.checks.map(\.step).prefix(6) == [.configuration, .clock, .workspace, .endpoint, .host, .dns])
            // And the endpoint of a host.
            let byHost = await scene.doctor(changes: ["LAKEBASE_ENDPOINT": nil as String?])
            #expect(byHost.exitStatus == 0, byHost.told)
        }
    }

    @Test("nothing before the login wakes a compute that sleeps, and --no-wake stops there")
    func sleeping() async throws {
        try await withScene { scene in
            try await scene.developer.query("SELECT 1")
            await scene.stack.local.suspendCompute()
            await scene.stack.local.wait(for: .idle)
            let local = scene.stack.local
            let starts = local.counts.computeStarts
            let asleep = await scene.doctor(options: .init(wakes: false))
            #expect(asleep[.endpoint]?.result.text.contains("suspended") == true, asleep.told)
            #expect(asleep[.login]?.result.blockedBy == .endpoint && asleep.exitStatus == 0, asleep.told)
            #expect(asleep[.connections]?.result.blockedBy == .endpoint)
            #expect(asleep.verdict(.tls) == .ok && asleep.verdict(.role) == .ok, asleep.told)
            #expect(local.counts.computeStarts == starts)
            let before = Mutex<[DoctorStep: Int]>([:])
            let woken = await scene.doctor(onBegin: { step in
                before.withLock { $0[step] = local.counts.computeStarts }
            })
            #expect(before.withLock { $0[.login] } == starts && before.withLock { $0[.schema] } == starts + 1)
            #expect(woken.exitStatus == 0 && local.counts.computeStarts == starts + 1, woken.told)
            // Awake, it may be asked further.
            let awake = await scene.doctor(options: .init(wakes: false))
            #expect(awake.verdict(.connections) == .ok, awake.told)
        }
    }

    @Test("a wrong workspace, a sign-in that has ended and an endpoint that is not there")
    func workspace() async throws {
        try await withScene { scene in
            let wrong = await scene.doctor(.developer, changes: ["DATABRICKS_HOST": "http://127.0.0.1:1"])
            #expect(wrong.problem(.workspace) == .workspaceUnreachable && wrong.exitStatus == 1, wrong.told)
            #expect(wrong[.workspace]?.result.evidence.first?.contains("http://127.0.0.1:1") == true)
            #expect(wrong.verdict(.tls) == .ok && wrong[.login]?.result.blockedBy == .workspace, wrong.told)
            let ended = await scene.doctor(.developer, changes: ["DATABRICKS_TOKEN": "dapi-that-has-ended"])
            #expect(ended.problem(.workspace) == .workspaceUnauthenticated, ended.told)
            #expect(ended[.workspace]?.result.command?.hasPrefix("lakebase auth login") == true)
            #expect(!"\(ended.told)".contains("dapi-that-has-ended"))
            let none = await scene.doctor(changes: [
                "LAKEBASE_ENDPOINT": "projects/local/branches/production/endpoints/none"
            ])
            #expect(none.problem(.endpoint) == .targetMissing, none.told)
            let invalid = await scene.doctor(changes: ["LAKEBASE_TYPE": "serverless", "PGPORT": "many"])
            #expect(invalid.problem(.configuration) == .configurationInvalid && invalid.checks.count == 14)
            #expect(invalid[.configuration]?.result.evidence.count == 2, invalid.told)
            #expect(invalid.checks.dropFirst().allSatisfy { $0.result.blockedBy == .configuration }, invalid.told)
        }
    }

    @Test("host and endpoint of two workspaces, and an endpoint that is disabled")
    func swapped() async throws {
        try await withScene { scene in
            try await withLocalLakebase { other in
                let other = other.environment(.developer)
                let swapped = [
                    "DATABRICKS_HOST": other["DATABRICKS_HOST"], "DATABRICKS_TOKEN": other["DATABRICKS_TOKEN"],
                ]
                let report = await scene.doctor(.developer, changes: swapped)
                #expect(report.problem(.host) == .hostDiffersFromTarget && report.exitStatus == 1, report.told)
                #expect(report[.host]?.result.evidence.first?.contains(other["PGHOST"] ?? "?") == true, report.told)
                #expect(report[.credential]?.result.blockedBy == .host)
                // Asked for on purpose it is tried, and the login tells.
                let forced = await scene.doctor(
                    .developer, changes: swapped.merging(["LAKEBASE_PG_HOST": scene.endpoint.address]) { $1 })
                #expect(
                    forced.verdict(.host) == .warning && forced.problem(.login) == .hostBelongsToAnotherEndpoint,
                    forced.told)
            }
            let change = Postgres.Endpoint(spec: .init(disabled: true))
            _ = try await scene.workspace.postgres.updateEndpoint(
                scene.endpoint.name, to: change, mask: ["spec.disabled"]
            ).wait()
            let disabled = await scene.doctor()
            #expect(disabled.problem(.endpoint) == .endpointDisabled, disabled.told)
            #expect(disabled[.endpoint]?.result.command?.contains(scene.endpoint.name) == true, disabled.told)
            #expect(disabled[.login]?.result.blockedBy == .endpoint)
        }
    }

    @Test("a certificate of an unknown authority, and one for another name, as the login sees them")
    func certificates() async throws {
        try await withScene { scene in
            // Without the file the authorities of this system are asked, which do not know the local one.
            let unknown: [String: String?] = ["PGSSLROOTCERT": nil]
            let report = await scene.doctor(changes: unknown)
            #expect(report.problem(.tls) == .serverNotTrusted && report.exitStatus == 1, report.told)
            #expect(report[.tls]?.result.text.contains("authority") == true, report.told)
            #expect(report[.tls]?.result.remedy?.contains("PGSSLROOTCERT") == true)
            #expect(report[.login]?.result.blockedBy == .tls)
            #expect(try await scene.problemOfQuery(changes: unknown) == .serverNotTrusted)

            let relay = try FaultRelay(to: scene.endpoint.address, port: scene.endpoint.port, on: "127.0.0.77")
            defer { relay.stop() }
            let elsewhere = ["LAKEBASE_PG_HOST": "127.0.0.77", "PGPORT": "\(relay.port)"]
            let mismatch = await scene.doctor(changes: elsewhere)
            #expect(mismatch.problem(.tls) == .serverNotTrusted, mismatch.told)
            #expect(mismatch[.tls]?.result.text.contains("is not for \"127.0.0.77\"") == true, mismatch.told)
            #expect(mismatch[.tls]?.result.remedy?.contains("localhost") == true, mismatch.told)
            #expect(try await scene.problemOfQuery(changes: elsewhere) == .serverNotTrusted)
        }
    }

    @Test("clocks that differ, by a date that the workspace sends")
    func clocks() async throws {
        try await withScene { scene in
            let minutes = await scene.doctor(transport: WrongClock(ahead: 600))
            #expect(minutes.verdict(.clock) == .warning && minutes.exitStatus == 2, minutes.told)
            #expect(minutes[.clock]?.result.text.contains("10 min behind") == true, minutes.told)
            let hours = await scene.doctor(transport: WrongClock(ahead: -7200))
            #expect(hours.verdict(.clock) == .failure && hours.exitStatus == 1, hours.told)
            #expect(hours[.clock]?.result.text.contains("2 h ahead of") == true, hours.told)
            let seconds = await scene.doctor(transport: WrongClock(ahead: 20))
            #expect(seconds.verdict(.clock) == .ok, seconds.told)
        }
    }

    @Test("a pool that is larger than what the server takes, alone or in several processes, is a warning")
    func pool() async throws {
        try await withScene { scene in
            let large = await scene.doctor(changes: ["LAKEBASE_POOL_MAXIMUM_CONNECTIONS": "500"])
            #expect(large.verdict(.connections) == .warning && large.exitStatus == 2, large.told)
            #expect(large.problem(.connections) == .tooManyConnections)
            #expect(large[.connections]?.result.remedy?.contains("lower maximumConnections to") == true, large.told)
            let many = await scene.doctor(changes: ["LAKEBASE_POOL_PROCESS_COUNT": "50"])
            #expect(many[.connections]?.result.text.contains("50 × 10") == true, many.told)
            let role = PQQuery.quoteIdentifier(scene.stack.ready.app.userName)
            try await scene.prepare("ALTER ROLE \(role) CONNECTION LIMIT 5")
            let limited = await scene.doctor()
            #expect(limited[.connections]?.result.text.contains("the role may have 5") == true, limited.told)
        }
    }

    @Test("with a URL and a password nothing is minted, and what has nothing to look at says so")
    func url() async throws {
        try await withScene { scene in
            let credential = try await scene.workspace.postgres.generateDatabaseCredential(
                endpoint: scene.endpoint.name)
            var url = URLComponents()
            (url.scheme, url.host, url.port) = ("postgresql", scene.endpoint.address, scene.endpoint.port)
            (url.user, url.password) = (scene.developerName, credential.token.withUnsafeValue { $0 })
            url.path = "/databricks_postgres"
            url.queryItems = [URLQueryItem(name: "sslmode", value: "require")]
            let report = await scene.doctor(.developer, changes: ["DATABASE_URL": url.string])
            for step in [DoctorStep.clock, .workspace, .endpoint, .host] {
                #expect(report.verdict(step) == .skipped && report[step]?.result.blockedBy == nil, report.told)
            }
            // It works, and will not for long.
            #expect(report.verdict(.login) == .ok && report.verdict(.role) == .ok, report.told)
            #expect(report.verdict(.credential) == .warning && report.exitStatus == 2, report.told)
            let encoded = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
            for part in credential.token.withUnsafeValue({ $0.split(separator: ".").map(String.init) }) {
                #expect(!encoded.contains(part) && !"\(report.told)".contains(part))
            }
            let refused = await scene.doctor(changes: ["DATABASE_URL": "postgres://u:hidden-words@127.0.0.1:1/d"])
            #expect(refused.problem(.tcp) == .computeUnreachable, refused.told)
            #expect(!"\(refused.told)".contains("hidden-words"))
            let nowhere = await scene.doctor(changes: ["DATABASE_URL": "postgres://u@nowhere.invalid/d"])
            #expect(nowhere.problem(.dns) == .hostNotFound, nowhere.told)
        }
    }

    @Test("a workspace that never answers ends the step, and a limit the whole")
    func silence() async throws {
        try await withScene { scene in
            var options = Doctor.Options()
            options.limit = .seconds(2)
            let time = try await measure { [options] in
                let report = await scene.doctor(
                    changes: ["PGHOST": nil as String?], options: options,
                    transport: ScriptedWorkspace(isSilentOtherwise: true))
                #expect(report.exitStatus == 1 && report.checks.count == 14, report.told)
                #expect(report.verdict(.login) != .ok)
                #expect(report.checks.contains { $0.result.text.contains("for all steps have passed") }, report.told)
            } beside: {
                _ = await scene.doctor()
            }
            #expect(time.isWithin(.seconds(8), after: .seconds(2)), "\(time)")
        }
    }
}
