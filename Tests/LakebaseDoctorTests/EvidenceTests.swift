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
        #expect(ClockCheck(ahead: ahead, uncertainty: uncertainty).finding.verdict == verdict)
    }

    @Test("states of an endpoint and of an instance")
    func states() {
        func verdict(_ status: Postgres.EndpointStatus?) -> CheckResult {
            PlaceCheck(name: "e", status).stateFinding
        }
        #expect(verdict(.init(currentState: .active)).verdict == .ok)
        #expect(verdict(.init(currentState: .idle)).text.contains("suspended"))
        #expect(verdict(.init(currentState: .idle, disabled: true)).problem == .endpointDisabled)
        #expect(verdict(.init(currentState: .init(rawValue: "NEW_WORD"))).text.contains("NEW_WORD"))
        #expect(verdict(nil).verdict == .warning)
        #expect(PlaceCheck(.init(name: "i", state: .available)).stateFinding.verdict == .ok)
        #expect(PlaceCheck(.init(name: "i", state: .stopped)).stateFinding.problem == .endpointDisabled)
    }

    @Test("a host and those that the workspace reports")
    func hosts() {
        let place = PlaceCheck(name: "e", state: .active, hosts: ["a.database.x.databricks.com", "b"])
        func finding(_ host: String?, isTrusted: Bool = false) -> CheckResult {
            place.hostFinding(configured: host, isTrusted: isTrusted)
        }
        #expect(finding("b").verdict == .ok && finding(nil).text.contains("looked up: a.database"))
        #expect(finding("c").problem == .hostNotOfTarget && finding("c").verdict == .failure)
        #expect(finding("c.database.x.databricks.com").problem == .hostBelongsToAnotherEndpoint)
        #expect(finding("c", isTrusted: true).verdict == .warning && finding("b", isTrusted: true).verdict == .ok)
        let bare = PlaceCheck(name: "e", state: .active, hosts: [])
        #expect(bare.hostFinding(configured: nil, isTrusted: false).problem == .hostNotAssigned)
    }

    @Test("what a credential says of itself")
    func credential() {
        func finding(
            _ claims: TokenClaims?, life: Double = 3600, isGroup: Bool = false
        ) -> CheckResult {
            CredentialCheck(
                claims: claims, expiresAt: Self.now + life, mintedAt: Self.now, username: "ann", isGroup: isGroup,
                target: "e"
            ).finding
        }
        #expect(finding(.init(sub: "ann")).verdict == .ok)
        #expect(finding(.init(sub: "ann")).text.contains("valid for 60 min"))
        #expect(finding(nil).problem == .notACredential)
        #expect(finding(.init(sub: "ann", scope: "all-apis")).problem == .notACredential)
        #expect(finding(.init(sub: "bob")).problem == .usernameMismatch)
        #expect(finding(.init(sub: "bob"), isGroup: true).verdict == .ok)
        #expect(finding(.init(sub: "ann"), life: -1).problem == .credentialExpired)
    }

    @Test("a password that nobody mints")
    func password() {
        func finding(_ claims: TokenClaims?, has: Bool = true, isAccessToken: Bool = false) -> CheckResult {
            PasswordCheck(claims: claims, hasPassword: has, looksLikeAccessToken: isAccessToken, now: Self.now)
                .finding(LakebaseExplanation(general: .passwordRefused))
        }
        #expect(finding(nil).verdict == .skipped && finding(nil, has: false).verdict == .skipped)
        #expect(finding(nil, isAccessToken: true).problem == .notACredential)
        let end = Self.now.timeIntervalSince1970 + 1800
        #expect(finding(.init(sub: "ann", exp: end)).text.contains("expires in 30 min"))
        #expect(finding(.init(sub: "ann", exp: .infinity)).verdict == .warning)
    }

    @Test("roles, with names that are quoted")
    func roles() {
        func finding(_ role: LoginDiagnosis.Role, _ name: String = "o'brien@example.com") -> CheckResult {
            RoleCheck(username: name, target: "e", role: role).finding
        }
        #expect(finding(.missing).command == "SELECT databricks_create_role('o''brien@example.com', 'USER');")
        #expect(finding(.missing, "1f2e").command?.contains("SERVICE_PRINCIPAL") == true)
        #expect(finding(.found(.password, isGroup: false, age: nil)).problem == .roleNotLinked)
        #expect(finding(.found(.none, isGroup: false, age: nil)).verdict == .failure)
        #expect(finding(.found(.credential, isGroup: false, age: 10)).evidence.count == 1)
        #expect(finding(.found(.untold, isGroup: true, age: .nan)).verdict == .ok)
        #expect(finding(.unknown("it was silent")).verdict == .skipped)
    }

    @Test("privileges: an INSERT that cannot succeed, and tables that are closed")
    func privileges() {
        func finding(_ tables: [PrivilegeCheck.Table]) -> CheckResult {
            PrivilegeCheck(role: "the \"app\"", schemas: ["s"], tables: tables).finding
        }
        func table(
            _ name: String, _ privileges: Set<String>, closed: [String] = []
        ) -> PrivilegeCheck.Table {
            .init(schema: "s", name: name, owner: "ann", privileges: privileges, closedSequences: closed)
        }
        #expect(finding([]).verdict == .ok)
        #expect(finding([table("t", ["SELECT"])]).text.contains("SELECT on 1, INSERT on 0"))
        // Who may not insert needs no sequence.
        #expect(finding([table("t", ["SELECT"], closed: ["s.q"])]).verdict == .ok)
        let one = finding([table("t", ["INSERT"], closed: ["s.\"a b\""])])
        #expect(one.problem == .sequencePrivilegeMissing)
        #expect(one.command == "GRANT USAGE ON SEQUENCE s.\"a b\" TO \"the \"\"app\"\"\";")
        let two = finding([table("t", ["INSERT"], closed: ["s.p"]), table("u", ["INSERT"], closed: ["s.q"])])
        #expect(two.command == "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"s\" TO \"the \"\"app\"\"\";")
        let closed = finding([table("t", ["SELECT"]), table("u", [])])
        #expect(closed.verdict == .warning && closed.problem == .tablePrivilegeMissing)
        #expect(closed.text.contains("1 of 2 tables, such as \"s\".\"u\""))
    }

    @Test("connections: what is wanted, and what the server and the role have")
    func connections() {
        func finding(_ maximum: Int, processes: Int = 1, role: Int? = nil) -> CheckResult {
            ConnectionCheck(
                ceiling: 104, reserved: 4, roleLimit: role, open: 3, maximumConnections: maximum,
                processCount: processes
            ).finding
        }
        #expect(finding(100).verdict == .ok && finding(101).verdict == .warning)
        #expect(finding(10, processes: 11).remedy?.contains("lower maximumConnections to 9") == true)
        #expect(finding(.max, processes: 2).verdict == .warning)
        #expect(finding(10, role: 9).text.contains("the role may have 9") && finding(10, role: 10).verdict == .ok)
    }
}
