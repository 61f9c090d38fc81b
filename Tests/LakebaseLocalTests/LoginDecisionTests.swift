//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import PostgresGateway
import Testing

@testable import LakebaseLocal

@Suite("Login decision") struct LoginDecisionTests {
    let here = "111"
    let endpoint = "projects/local/branches/production/endpoints/primary"

    func claims(
        subject: String = "ann@example.com", use: TokenClaims.Use = .database, workspace: String = "111",
        endpoint: String? = "projects/local/branches/production/endpoints/primary"
    ) -> TokenClaims {
        TokenClaims(
            issuer: "i", subject: subject, audience: workspace, issuedAt: 0, expiresAt: 1000, id: "id",
            workspaceID: workspace, use: use, scope: nil, endpoint: endpoint
        )
    }

    func judge(_ verdict: TokenVerdict, user: String = "ann@example.com", strict: Bool = false) -> LoginDecision {
        LoginDecision.judge(
            verdict, user: user,
            context: .init(workspaceID: self.here, endpoint: self.endpoint, strictEndpoints: strict, now: 1042)
        )
    }

    func refusal(_ decision: LoginDecision) throws -> (LoginRefusalReason, LoginRejection) {
        guard case .refuse(let reason, let refusal) = decision else { throw Unexpected() }
        return (reason, refusal)
    }

    struct Unexpected: Error {}

    @Test func `a good credential of the same name is accepted`() {
        #expect(self.judge(.valid(self.claims())) == .accept(self.claims()))
    }

    @Test func `an ended token says when it ended`() throws {
        let (reason, refusal) = try self.refusal(self.judge(.expired(self.claims())))
        #expect(reason == .expired)
        #expect(refusal.sqlState == "28P01")
        #expect(refusal.message == "OAuth: User is not authorized")
        #expect(refusal.detail == "the token expired at 1970-01-01T00:16:40Z, 42 s ago; mint a new one")
    }

    @Test func `a token of another identity names both`() throws {
        let (reason, refusal) = try self.refusal(self.judge(.valid(self.claims()), user: "bob"))
        #expect(reason == .otherIdentity)
        #expect(refusal.message.contains("\"ann@example.com\"") && refusal.message.contains("\"bob\""))
    }

    @Test func `a token of another workspace names both`() throws {
        let (reason, refusal) = try self.refusal(self.judge(.badSignature(claimedWorkspace: "222")))
        #expect(reason == .otherWorkspace)
        #expect(refusal.message.contains("111") && refusal.message.contains("222"))
        #expect(try self.refusal(self.judge(.valid(self.claims(workspace: "222")))).0 == .otherWorkspace)
    }

    @Test func `a changed token is told from a foreign one`() throws {
        #expect(try self.refusal(self.judge(.badSignature(claimedWorkspace: "111"))).0 == .badSignature)
        #expect(try self.refusal(self.judge(.badSignature(claimedWorkspace: nil))).0 == .badSignature)
    }

    @Test func `a workspace token is no password even when it ended`() throws {
        for verdict in [TokenVerdict.valid(self.claims(use: .workspace)), .expired(self.claims(use: .workspace))] {
            let (reason, refusal) = try self.refusal(self.judge(verdict))
            #expect(reason == .workspaceToken)
            #expect(refusal.message.contains("POST /api/2.0/postgres/credentials"))
            #expect(refusal.hint?.contains(#"{"endpoint": "projects/local/"#) == true, "\(refusal)")
        }
    }

    @Test func `something else than a token gets the service's own words`() throws {
        let (reason, refusal) = try self.refusal(self.judge(.notAToken))
        #expect(reason == .notAToken)
        #expect(refusal.message == "Provided authentication token is not a valid JWT encoding")
    }

    @Test func `another endpoint's token is good unless endpoints are strict`() throws {
        let other = self.claims(endpoint: "projects/local/branches/production/endpoints/other")
        #expect(self.judge(.valid(other)) == .accept(other))
        #expect(try self.refusal(self.judge(.valid(other), strict: true)).0 == .otherEndpoint)
        #expect(self.judge(.valid(self.claims()), strict: true) == .accept(self.claims()))
    }

    @Test func `a name in a statement to copy is quoted byte by byte`() {
        // To a String the quote and the accent are one Character, which is no quote.
        let hint = LoginDecision.roleMissing("x'\u{301}; DROP TABLE t; --", exists: true).hint ?? ""
        #expect(Array(hint.utf8).contains(Array("x''\u{301}; DROP".utf8)))
        let missing = LoginDecision.roleMissing("O'Neill", exists: false)
        #expect(missing.hint?.contains("'O''Neill'") == true)
        #expect(missing.detail?.contains("role \"O'Neill\" does not exist") == true)
    }
}
