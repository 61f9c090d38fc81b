//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import TestSupport
import Testing

/// Whether the long runs go at their full length.
///
/// They do unless the environment asks for less.
private let loadSeconds = Int(ProcessInfo.processInfo.environment["LAKEBASE_LOAD_SECONDS"] ?? "") ?? 60

@Suite("Rotation under load and while the token API is down", .sharesTheMachine, .serialized)
struct RotationTests {
    @Test(
        "32 readers and writers on 10-second tokens and 5-second connections: no failure, one mint a token life",
        .loadsTheMachine)
    func load() async throws {
        try await withLocalLakebase(.init(tokenLifetime: .seconds(10))) { stack in
            var pool = PQPoolConfiguration()
            pool.maximumAge = .seconds(5)
            try await stack.withClient(pool: pool) { client in
                try await client.query("CREATE SCHEMA load")
                try await client.query("CREATE TABLE load.rows (id bigint GENERATED ALWAYS AS IDENTITY, worker int)")
                let failures = Tally<[String]>([])
                let written = Tally(0)
                let begin = ContinuousClock.now
                let end = begin + .seconds(loadSeconds)
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<32 {
                        group.addTask { [failures, written] in
                            while ContinuousClock.now < end {
                                do {
                                    if worker.isMultiple(of: 2) {
                                        try await client.query(
                                            "INSERT INTO load.rows (worker) VALUES (\(Int32(worker)))")
                                        written.change { $0 += 1 }
                                    } else {
                                        try await client.query("SELECT count(*) FROM load.rows WHERE id < \(100)")
                                    }
                                    try await Task.sleep(for: .milliseconds(5))
                                } catch {
                                    failures.change { $0.append("\(error)") }
                                }
                            }
                        }
                    }
                }
                #expect(failures.value == [])
                let kept = try await client.query("SELECT count(*) FROM load.rows").first?.decode(Int.self, at: 0)
                #expect(kept == written.value)
                let counts = stack.local.counts
                #expect(counts.loginsRefused.isEmpty)
                // A token is renewed at the earliest after four fifths of its life. A busy machine takes longer than it is told to.
                let mostMints = Int((begin.duration(to: .now) / .seconds(8)).rounded(.up)) + 1
                #expect(counts.credentialsMinted <= mostMints)
                #expect(counts.credentialsMinted >= loadSeconds / 10)
                #expect(counts.loginsAccepted > counts.credentialsMinted)
                print(
                    "load: \(loadSeconds) s, \(kept ?? 0) rows written, \(counts.loginsAccepted) logins,",
                    "\(counts.credentialsMinted) credentials minted, 0 failures")
            }
        }
    }

    @Test("the token API down for 20 seconds while tokens live 30: no failed query")
    func shortOutage() async throws {
        try await withLocalLakebase(.init(tokenLifetime: .seconds(30))) { stack in
            var pool = PQPoolConfiguration()
            pool.maximumAge = .seconds(2)
            try await stack.withClient(pool: pool) { client in
                try await client.query("SELECT 1")
                // The outage begins when the credential has 25 seconds left and lasts 20: past the time for renewing it.
                let minted = try #require(client.statistics.credential?.mintedAt)
                try await Task.sleep(for: .seconds(5 + minted.timeIntervalSinceNow))
                stack.local.faults.credentials = .unavailable(retryAfter: 1)
                stack.local.faults.oauth = .unavailable(retryAfter: 1)
                let end = ContinuousClock.now + .seconds(20)
                var queries = 0
                while ContinuousClock.now < end {
                    try await client.query("SELECT 1")
                    queries += 1
                    try await Task.sleep(for: .milliseconds(20))
                }
                stack.local.faults.credentials = nil
                stack.local.faults.oauth = nil
                // Past the old credential's end, a new one has taken over.
                let after = ContinuousClock.now + .seconds(8)
                while ContinuousClock.now < after {
                    try await client.query("SELECT 1")
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(stack.local.counts.loginsRefused.isEmpty)
                #expect(stack.local.counts.credentialsMinted == 2)
                #expect(client.statistics.logins > 5)
                print("outage of 20 s: \(queries) queries, \(client.statistics.logins) logins, 0 failures")
            }
        }
    }

    @Test("the token API down past the credential's end: open connections work on, new ones say what is wrong")
    func longOutage() async throws {
        try await withLocalLakebase(.init(tokenLifetime: .seconds(3))) { stack in
            var pool = PQPoolConfiguration(maximumConnections: 2)
            pool.acquireTimeout = .seconds(3)
            try await stack.withClient(pool: pool) { client in
                try await client.withConnection { open in
                    try await open.query("SELECT 1")
                    stack.local.faults.credentials = .status(503)
                    let end = try #require(client.statistics.lastLogin?.credentialExpiresAt)
                    try await Task.sleep(for: .seconds(end.timeIntervalSinceNow + 0.2))
                    try await open.query("SELECT 'still here'")
                    let error = await #expect(throws: LakebaseError.self) { try await client.query("SELECT 2") }
                    let text = "\(error.map { "\($0)" } ?? "")"
                    #expect(text.contains("credential could not be minted") || text.contains("no database credential"))
                    #expect(
                        text.contains("503") || text.contains("SERVICE_UNAVAILABLE") || text.contains("unavailable"),
                        "\(text)")
                    try await open.query("SELECT 'still here'")
                    stack.local.faults.credentials = nil
                }
                try await eventually("it heals") {
                    (try? await client.query("SELECT 3")) != nil
                }
            }
        }
    }
}
