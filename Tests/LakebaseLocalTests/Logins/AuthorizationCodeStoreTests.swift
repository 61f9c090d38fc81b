//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Logins as a value") struct AuthorizationCodeStoreTests {
    private static let verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    private static let start = Date(timeIntervalSince1970: 1_000_000)
    private var book = AuthorizationCodeStore()

    private static func request(scopes: [String] = ["all-apis", "offline_access"]) -> AuthorizationRequest {
        AuthorizationRequest(
            clientID: "databricks-cli", redirect: "http://localhost:8020", scopes: scopes, state: "s",
            // The example of RFC 7636, appendix B.
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    private mutating func issue(_ code: String, scopes: [String] = ["all-apis", "offline_access"]) {
        self.book.issue(Secret(code), for: Self.request(scopes: scopes), to: "ann", now: Self.start)
    }

    @discardableResult
    private mutating func exchange(
        _ code: String, verifier: Secret = Self.verifier, redirect: String = "http://localhost:8020",
        client: String = "databricks-cli", next: String = "r1", after: TimeInterval = 0
    ) throws(AuthorizationCodeStore.Refusal) -> AuthorizationCodeStore.Grant {
        try self.book.exchange(
            code: Secret(code), verifier: verifier, redirect: redirect, clientID: client, next: Secret(next),
            id: "login-\(code)", now: Self.start + after)
    }

    private mutating func renew(
        _ token: String, next: String, scopes: [String] = [], after: TimeInterval = 1
    ) throws(AuthorizationCodeStore.Refusal) -> AuthorizationCodeStore.Grant {
        try self.book.renew(
            Secret(token), clientID: "databricks-cli", scopes: scopes, next: Secret(next), now: Self.start + after)
    }

    @Test mutating func `code is exchanged once, and a second time ends what came of it`() throws {
        self.issue("c")
        let grant = try self.exchange("c")
        #expect(grant.user == "ann" && grant.refreshToken == Secret("r1"))
        #expect(self.book.kept.logins.count == 1)
        #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in try self.exchange("c", next: "r2") }
        #expect(self.book.kept.logins.isEmpty)
        #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in _ = try self.renew("r1", next: "r3") }
    }

    @Test mutating func `code ends after a minute`() throws {
        self.issue("c")
        self.issue("d")
        #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in try self.exchange("c", after: 60) }
        #expect(try self.exchange("d", after: 59.9).user == "ann")
    }

    @Test mutating func `wrong proof, address or program gets nothing, and has used up the code`() throws {
        for (index, wrong) in [
            ("http://localhost:8020", "databricks-cli", Secret(String(repeating: "x", count: 43))),
            ("http://localhost:8021", "databricks-cli", Self.verifier),
            ("http://localhost:8020", "other", Self.verifier),
            ("http://localhost:8020", "databricks-cli", Secret("")),
        ].enumerated() {
            self.issue("c\(index)")
            #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in
                try self.exchange("c\(index)", verifier: wrong.2, redirect: wrong.0, client: wrong.1)
            }
            #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in try self.exchange("c\(index)") }
        }
        #expect(self.book.kept.logins.isEmpty)
    }

    @Test mutating func `without offline_access nothing can be renewed`() throws {
        self.issue("c", scopes: ["all-apis"])
        #expect(try self.exchange("c").refreshToken == nil)
        #expect(self.book.kept.logins.isEmpty)
    }

    @Test mutating func `each refresh token is good once, and one that comes again ends the login`() throws {
        self.issue("c")
        try self.exchange("c")
        #expect(try self.renew("r1", next: "r2").refreshToken == Secret("r2"))
        #expect(try self.renew("r2", next: "r3").user == "ann")
        let refusal = #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in
            _ = try self.renew("r1", next: "r4")
        }
        // The databricks program knows these words.
        #expect(refusal?.description == "Refresh token is invalid" && refusal?.error == "invalid_grant")
        #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in _ = try self.renew("r3", next: "r5") }
    }

    @Test mutating func `login lasts a week from its last renewal`() throws {
        let week: TimeInterval = 7 * 86_400
        self.issue("c")
        try self.exchange("c")
        _ = try self.renew("r1", next: "r2", after: week - 1)
        _ = try self.renew("r2", next: "r3", after: 2 * week - 2)
        #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in
            _ = try self.renew("r3", next: "r4", after: 3 * week - 2)
        }
    }

    @Test mutating func `scopes can shrink and not grow`() throws {
        self.issue("c")
        try self.exchange("c")
        #expect(try self.renew("r1", next: "r2", scopes: ["all-apis"]).scopes == ["all-apis"])
        let refusal = #expect(throws: AuthorizationCodeStore.Refusal.self) { () throws in
            _ = try self.renew("r2", next: "r3", scopes: ["sql"])
        }
        #expect(refusal?.error == "invalid_scope")
        #expect(try self.renew("r2", next: "r3").user == "ann")
    }

    @Test mutating func `what is written down has no token in it`() throws {
        self.issue("canary-code")
        try self.exchange("canary-code", next: "canary-refresh")
        _ = try self.renew("canary-refresh", next: "canary-next")
        let text = String(decoding: try JSONEncoder().encode(self.book.kept), as: UTF8.self)
        // The name of the login is the test's own.
        #expect(!text.replacing("login-canary-code", with: "").contains("canary") && text.contains("ann"))
        var again = AuthorizationCodeStore(
            try JSONDecoder().decode(AuthorizationCodeStore.Kept.self, from: Data(text.utf8)))
        let grant = try again.renew(
            Secret("canary-next"), clientID: "databricks-cli", scopes: [], next: Secret("n"), now: Self.start)
        #expect(grant.user == "ann")
    }
}
