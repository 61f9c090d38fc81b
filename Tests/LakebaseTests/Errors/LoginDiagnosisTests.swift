//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@testable import Lakebase

@Suite("Causes of a refused login, from facts")
struct LoginDiagnosisTests {
    /// A login for which nothing is wrong that could be known.
    private func facts(_ change: (inout LoginDiagnosis) -> Void = { _ in }) -> LoginDiagnosis {
        var facts = LoginDiagnosis(
            username: "ann@example.com", host: "ep-1.database.example.com",
            target: "projects/p/branches/b/endpoints/e", serverMessage: "password authentication failed",
            sqlState: .invalidPassword, claims: TokenClaims(sub: "ann@example.com", exp: 2000, iat: 990),
            mintedAt: Date(timeIntervalSince1970: 990), now: Date(timeIntervalSince1970: 1000), usesTLS: true,
            allowsOtherHosts: false, role: .found(.credential, isGroup: false, age: 86_400),
            hosts: .known(["ep-1.database.example.com"]))
        change(&facts)
        return facts
    }

    @Test func `where nothing is wrong nothing is claimed`() {
        let verdict = self.facts().verdict
        #expect(verdict.problem == .loginRefused && !verdict.isEstablished)
        #expect(verdict.evidence.contains { $0.contains("logs in with a credential, created 86400 s ago") })
    }

    @Test(arguments: [1.0, 999.0, 1000.0])
    func `an expired credential of any user`(end: Double) {
        let verdict = self.facts { $0.claims = TokenClaims(sub: "someone else", exp: end) }.verdict
        #expect(verdict.problem == .credentialExpired && verdict.isEstablished)
        #expect(verdict.remedy.contains("clock"))
    }

    @Test func `a clock that is behind by more than the credential's life`() {
        let verdict = self.facts { $0.claims = TokenClaims(sub: $0.username, exp: 4500, iat: 4590) }.verdict
        #expect(verdict.problem == .credentialExpired && verdict.isEstablished)
        #expect(verdict.evidence.contains { $0.contains("3600 s ahead") }, "\(verdict)")
        // A minute is nothing.
        #expect(self.facts { $0.claims?.iat = 1050 }.clockAhead == nil)
        #expect(self.facts { $0.claims?.iat = 900 }.clockAhead == -90)
    }

    @Test func `a password that is no token, or one for the workspace`() {
        #expect(self.facts { $0.claims = nil }.verdict.problem == .notACredential)
        let verdict = self.facts { $0.claims?.scope = "all-apis offline_access" }.verdict
        #expect(verdict.problem == .notACredential && verdict.summary.contains("HTTP services"))
    }

    @Test func `a user who is not the token's identity`() {
        let verdict = self.facts { $0.username = "bob@example.com" }.verdict
        #expect(verdict.problem == .usernameMismatch && verdict.isEstablished)
        #expect(verdict.summary.contains("bob@example.com") && verdict.summary.contains("ann@example.com"))
        #expect(verdict.remedy == "set PGUSER to \"ann@example.com\", or leave it unset")
    }

    @Test func `the role of a group is logged in to by others, which is no mismatch`() {
        let verdict = self.facts {
            $0.username = "analysts"
            $0.role = .found(.credential, isGroup: true, age: nil)
        }.verdict
        #expect(verdict.problem == .loginRefused && verdict.summary.contains("group"))
    }

    @Test func `a host that is not one of the endpoint's`() {
        let verdict = self.facts { $0.hosts = .known(["ep-2.database.example.com"]) }.verdict
        #expect(verdict.problem == .hostBelongsToAnotherEndpoint && verdict.isEstablished)
        // A name chosen on purpose is only a suspicion, and certain facts go before it.
        let chosen = self.facts {
            $0.hosts = .known(["ep-2.database.example.com"])
            $0.allowsOtherHosts = true
        }
        #expect(chosen.verdict.problem == .hostBelongsToAnotherEndpoint && !chosen.verdict.isEstablished)
        var missing = chosen
        missing.role = .missing
        #expect(missing.verdict.problem == .roleMissing)
    }

    @Test func `no role, with the statement that makes it, quoted`() {
        let verdict = self.facts { $0.role = .missing }.verdict
        #expect(verdict.problem == .roleMissing && verdict.isEstablished)
        #expect(verdict.command == "SELECT databricks_create_role('ann@example.com', 'USER');")
        let odd = self.facts {
            $0.role = .missing
            $0.username = "o'hara"
            $0.claims?.sub = "o'hara"
        }
        #expect(odd.verdict.command == "SELECT databricks_create_role('o''hara', 'SERVICE_PRINCIPAL');")
    }

    @Test(arguments: [LoginDiagnosis.Login.password, .none])
    func `a role that does not log in with a credential`(login: LoginDiagnosis.Login) {
        let verdict = self.facts { $0.role = .found(login, isGroup: false, age: 1) }.verdict
        #expect(verdict.problem == .roleNotLinked && verdict.isEstablished)
    }

    @Test func `a role made a moment ago`() {
        let verdict = self.facts { $0.role = .found(.credential, isGroup: false, age: 12.4) }.verdict
        #expect(verdict.problem == .roleJustCreated && !verdict.isEstablished && verdict.summary.contains("12 s ago"))
    }

    @Test func `a login without TLS`() {
        let verdict = self.facts {
            $0.usesTLS = false
            $0.sqlState = .invalidAuthorizationSpecification
        }.verdict
        #expect(verdict.problem == .tlsRequired)
    }

    @Test(arguments: [
        ("Token is EXPIRED", LakebaseProblem.credentialExpired),
        ("OAuth: User is not authorized", .credentialExpired),
        (
            "a workspace token is not "
                + "a database password", .notACredential
        ), ("password is not a valid JWT", .notACredential),
        ("token is of another workspace", .hostBelongsToAnotherEndpoint), ("no", .loginRefused),
    ])
    func `the server's words count only where nobody could be asked`(message: String, problem: LakebaseProblem) {
        let silent = self.facts {
            $0.serverMessage = message
            $0.role = .unknown("HTTP 403")
            $0.hosts = .unknown("HTTP 403")
        }
        #expect(silent.verdict.problem == problem && !silent.verdict.isEstablished)
        #expect(silent.verdict.evidence.count { $0.hasSuffix("not known: HTTP 403") } == 2)
        var asked = silent
        asked.role = .missing
        #expect(asked.verdict.problem == .roleMissing)
    }

    @Test(arguments: ["workspace-admin@example.com", "expired@example.com"])
    func `words in the user's name say nothing about the cause`(user: String) {
        let verdict = self.facts {
            $0.username = user
            $0.claims?.sub = user
            $0.serverMessage = "password authentication failed for user \"\(user)\""
        }.verdict
        #expect(verdict.problem == .loginRefused)
    }

    @Test func `extreme times do not trap`() {
        for time in [-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude, .infinity, .nan, 0] {
            _ = self.facts { $0.claims = .init(sub: nil, exp: time, iat: time) }.verdict.description
            _ = self.facts { $0.claims = .init(sub: nil, exp: .nan, iat: time) }.verdict.description
            _ = self.facts { $0.role = .found(.untold, isGroup: false, age: time) }.verdict.description
        }
    }
}
