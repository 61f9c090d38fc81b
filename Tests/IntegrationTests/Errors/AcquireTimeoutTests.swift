//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Lakebase
import LakebaseLocal
import Logging
import TestSupport
import Testing

@Suite(
    "A caller's time is over, and the explanation names what kept connections from opening", .sharesTheMachine,
    .serialized)
struct AcquireTimeoutTests {
    /// Has a client hold its one connection while `body` keeps others from opening, and explains the error of the next.
    private func explanation(
        _ scene: Scene, keepingOut body: @Sendable (String) -> String
    ) async throws -> LakebaseExplanation? {
        let role = PQQuery.quoteIdentifier(scene.stack.ready.app.userName)
        let obstacle = body(role)
        let pool = PQPoolConfiguration(maximumConnections: 2, acquireTimeout: .seconds(3))
        return try await scene.stack.withClient(pool: pool) { client in
            try await client.withConnection { held in
                try await held.query("SELECT 1")
                try await scene.prepare(obstacle)
                let error = await #expect(throws: LakebaseError.self) { try await client.query("SELECT 1") }
                let thrown = try #require(error)
                #expect(thrown.code == .timedOut && thrown.problem == .timedOut, "\(thrown)")
                return await client.explain(thrown)
            }
        }
    }

    @Test("a login that is refused")
    func login() async throws {
        try await withScene { scene in
            let explanation = try await self.explanation(scene) { "ALTER ROLE \($0) NOLOGIN" }
            #expect(
                explanation?.problem.id.hasPrefix("LB3") == true, "\(explanation.map { "\($0)" } ?? "none")")
            #expect(explanation?.evidence.first?.hasPrefix("LB501: no connection became free within") == true)
            #expect(explanation?.evidence.first?.contains("1 in use") == true, "\(explanation.map { "\($0)" } ?? "")")
        }
    }

    @Test("a server that has no connection left for the role")
    func ceiling() async throws {
        try await withScene { scene in
            let explanation = try await self.explanation(scene) { "ALTER ROLE \($0) CONNECTION LIMIT 1" }
            #expect(explanation?.problem == .tooManyConnections, "\(explanation.map { "\($0)" } ?? "none")")
            #expect(explanation?.evidence.first?.hasPrefix("LB501: ") == true)
            #expect(explanation?.evidence.first?.contains("the last attempt") == false)
        }
    }

    @Test("where nothing failed, all are taken, and that is what is said")
    func taken() async throws {
        try await withScene { scene in
            let pool = PQPoolConfiguration(maximumConnections: 1, acquireTimeout: .milliseconds(50))
            let explanation = try await scene.stack.withClient(pool: pool) { client in
                try await client.withConnection(deadline: .now + .seconds(30)) { _ in
                    await scene.explanation(as: client) { try await $0.query("SELECT 1") }
                }
            }
            #expect(explanation?.problem == .timedOut)
        }
    }
}
