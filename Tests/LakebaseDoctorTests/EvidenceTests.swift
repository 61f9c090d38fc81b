//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Lakebase
import Testing

@testable import LakebaseDoctor

@Suite("From evidence to findings")
struct EvidenceTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test(
        "clocks",
        arguments: [
            (0.4, 0.6, CheckResult.Verdict.ok), (30, 0.6, .ok), (-60.5, 0.6, .ok), (62, 0.6, .warning),
            (-600, 0.6, .warning), (65, 6, .ok), (3600, 0.6, .failure), (-1e12, 0.6, .failure),
            (.nan, 0.6, .skipped), (.infinity, 0.6, .skipped),
        ])
    func clock(ahead: Double, uncertainty: Double, verdict: CheckResult.Verdict) {
        #expect(ClockCheck(ahead: ahead, uncertainty: uncertainty).result.verdict == verdict)
    }

    @Test("states of an endpoint and of an instance")
    func states() {
        func verdict(_ status: Postgres.EndpointStatus?) -> CheckResult {
            PlaceCheck(name: "e", status).stateResult
        }
        #expect(verdict(.init(currentState: .active)).verdict == .ok)
        #expect(verdict(.init(currentState: .idle)).text.contains("suspended"))
        #expect(verdict(.init(currentState: .idle, disabled: true)).problem == .endpointDisabled)
        #expect(verdict(.init(currentState: .init(rawValue: "NEW_WORD"))).text.contains("NEW_WORD"))
        #expect(verdict(nil).verdict == .warning)
        #expect(PlaceCheck(.init(name: "i", state: .available)).stateResult.verdict == .ok)
        #expect(PlaceCheck(.init(name: "i", state: .stopped)).stateResult.problem == .endpointDisabled)
    }

    @Test("a host and those that the workspace reports")
    func hosts() {
        let place = PlaceCheck(name: "e", state: .active, hosts: ["a.database.x.databricks.com", "b"])
        func result(_ host: String?, isTrusted: Bool = false) -> CheckResult {
            place.hostResult(configured: host, isTrusted: isTrusted)
        }
        #expect(result("b").verdict == .ok && result(nil).text.contains("looked up: a.database"))
        #expect(result("c").problem == .hostDiffersFromTarget && result("c").verdict == .failure)
        #expect(result("c.database.x.databricks.com").problem == .hostBelongsToAnotherEndpoint)
        #expect(result("c", isTrusted: true).verdict == .warning && result("b", isTrusted: true).verdict == .ok)
        let bare = PlaceCheck(name: "e", state: .active, hosts: [])
        #expect(bare.hostResult(configured: nil, isTrusted: false).problem == .hostNotAssigned)
    }

    @Test("what a credential says of itself")
    func credential() {
        func result(
            _ claims: TokenClaims?, life: Double = 3600, isGroup: Bool = false
        ) -> CheckResult {
            CredentialCheck(
                claims: claims, expiresAt: Self.now + life, mintedAt: Self.now, username: "ann", isGroup: isGroup,
                target: "e"
            ).result
        }
        #expect(result(.init(sub: "ann")).verdict == .ok)
        #expect(result(.init(sub: "ann")).text.contains("valid for 60 min"))
        #expect(result(nil).problem == .notACredential)
        #expect(result(.init(sub: "ann", scope: "all-apis")).problem == .notACredential)
        #expect(result(.init(sub: "bob")).problem == .usernameMismatch)
        #expect(result(.init(sub: "bob"), isGroup: true).verdict == .ok)
        #expect(result(.init(sub: "ann"), life: -1).problem == .credentialExpired)
    }

    @Test("a password that nobody mints")
    func password() {
        func result(_ claims: TokenClaims?, has: Bool = true, isAccessToken: Bool = false) -> CheckResult {
            PasswordCheck(claims: claims, hasPassword: has, looksLikeAccessToken: isAccessToken, now: Self.now)
                .result(LakebaseExplanation(general: .passwordRefused))
        }
        #expect(result(nil).verdict == .skipped && result(nil, has: false).verdict == .skipped)
        #expect(result(nil, isAccessToken: true).problem == .notACredential)
        let end = Self.now.timeIntervalSince1970 + 1800
        #expect(result(.init(sub: "ann", exp: end)).text.contains("expires in 30 min"))
        #expect(result(.init(sub: "ann", exp: .infinity)).verdict == .warning)
    }

    @Test("roles, with names that are quoted")
    func roles() {
        func result(_ role: LoginDiagnosis.Role, _ name: String = "o'brien@example.com") -> CheckResult {
            RoleCheck(username: name, target: "e", role: role).result
        }
        #expect(result(.missing).command == "SELECT databricks_create_role('o''brien@example.com', 'USER');")
        #expect(result(.missing, "1f2e").command?.contains("SERVICE_PRINCIPAL") == true)
        #expect(result(.found(.password, isGroup: false, age: nil)).problem == .roleNotLinked)
        #expect(result(.found(.none, isGroup: false, age: nil)).verdict == .failure)
        #expect(result(.found(.credential, isGroup: false, age: 10)).evidence.count == 1)
        #expect(result(.found(.untold, isGroup: true, age: .nan)).verdict == .ok)
        #expect(result(.unknown("it was silent")).verdict == .skipped)
    }

    @Test("privileges: an INSERT that cannot succeed, and tables that are closed")
    func privileges() {
        func result(_ tables: [PrivilegeCheck.Table]) -> CheckResult {
            PrivilegeCheck(role: "the \"app\"", schemas: ["s"], tables: tables).result
        }
        func table(
            _ name: String, _ privileges: Set<String>, closed: [String] = []
        ) -> PrivilegeCheck.Table {
            .init(schema: "s", name: name, owner: "ann", privileges: privileges, closedSequences: closed)
        }
        #expect(result([]).verdict == .ok)
        #expect(result([table("t", ["SELECT"])]).text.contains("SELECT on 1, INSERT on 0"))
        // Who may not insert needs no sequence.
        #expect(result([table("t", ["SELECT"], closed: ["s.q"])]).verdict == .ok)
        let one = result([table("t", ["INSERT"], closed: ["s.\"a b\""])])
        #expect(one.problem == .sequencePrivilegeMissing)
        #expect(one.command == "GRANT USAGE ON SEQUENCE s.\"a b\" TO \"the \"\"app\"\"\";")
        let two = result([table("t", ["INSERT"], closed: ["s.p"]), table("u", ["INSERT"], closed: ["s.q"])])
        #expect(two.command == "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"s\" TO \"the \"\"app\"\"\";")
        let closed = result([table("t", ["SELECT"]), table("u", [])])
        #expect(closed.verdict == .warning && closed.problem == .tablePrivilegeMissing)
        #expect(closed.text.contains("1 of 2 tables, such as \"s\".\"u\""))
    }

    @Test("connections: what is wanted, and what the server and the role have")
    func connections() {
        func result(_ maximum: Int, processes: Int = 1, role: Int? = nil) -> CheckResult {
            ConnectionCheck(
                ceiling: 104, reserved: 4, roleLimit: role, open: 3, maximumConnections: maximum,
                processCount: processes
            ).result
        }
        #expect(result(100).verdict == .ok && result(101).verdict == .warning)
        #expect(result(10, processes: 11).remedy?.contains("lower maximumConnections to 9") == true)
        #expect(result(.max, processes: 2).verdict == .warning)
        #expect(result(10, role: 9).text.contains("the role may have 9") && result(10, role: 10).verdict == .ok)
    }
}
