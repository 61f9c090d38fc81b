//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Secrets
import Testing

@testable import Lakebase

@Suite("Causes of a refused login")
struct LoginRejectionTests {
    private func rejection(
        user: String = "ann@example.com", saying message: String = "password authentication failed",
        claims: LoginRejection.TokenClaims? = .init(sub: "ann@example.com", exp: 2000)
    ) -> LoginRejection {
        LoginRejection(
            username: user, host: "ep-1.database.example.com", target: "projects/p/branches/b/endpoints/e",
            serverMessage: message, sqlState: SQLState(rawValue: "28P01"), claims: claims,
            now: Date(timeIntervalSince1970: 1000))
    }

    @Test(arguments: [1.0, 999.0, 1000.0])
    func `an expired credential`(end: Double) {
        let (cause, remedy) = self.rejection(claims: .init(sub: "someone else", exp: end)).explanation
        #expect(cause.contains("had expired"))
        #expect(remedy.contains("clock"))
    }

    @Test func `a credential that only the server takes for expired`() {
        let (cause, remedy) = self.rejection(saying: "Token is EXPIRED").explanation
        #expect(cause.contains("valid by this machine's clock"))
        #expect(remedy.contains("clocks"))
    }

    @Test(arguments: ["a workspace token is no password", "password is not a valid JWT"])
    func `a workspace token as password`(message: String) {
        #expect(self.rejection(saying: message).explanation.cause == "the password was not a database credential")
    }

    @Test func `a password that is no token`() {
        let (cause, remedy) = self.rejection(claims: nil).explanation
        #expect(cause == "the password was not a database credential")
        #expect(remedy.contains("/api/2.0/postgres/credentials"))
    }

    @Test func `a user who is not the token's identity`() {
        let (cause, remedy) = self.rejection(user: "bob@example.com").explanation
        #expect(cause.contains("bob@example.com") && cause.contains("ann@example.com"))
        #expect(remedy == "set PGUSER to \"ann@example.com\", or leave it unset")
    }

    @Test func `a host in another workspace`() {
        let (cause, remedy) = self.rejection(saying: "token is of another workspace").explanation
        #expect(cause.contains("ep-1.database.example.com") && cause.contains("projects/p/branches/b/endpoints/e"))
        #expect(remedy.contains("PGHOST") && remedy.contains("LAKEBASE_ENDPOINT"))
    }

    @Test func `no role for the identity`() {
        let (cause, remedy) = self.rejection().explanation
        #expect(cause.contains("no OAuth role \"ann@example.com\"") && cause.contains("a moment ago"))
        #expect(remedy.contains("databricks_create_role('ann@example.com'"))
    }

    @Test func `a token that says little still leaves the role as the cause`() {
        #expect(self.rejection(claims: .init()).explanation.cause.contains("no OAuth role"))
    }

    @Test(arguments: ["workspace-admin@example.com", "expired@example.com"])
    func `words in the user's name say nothing about the cause`(user: String) {
        let message = "password authentication failed for user \"\(user)\""
        let rejection = self.rejection(user: user, saying: message, claims: .init(sub: user, exp: 2000))
        #expect(rejection.explanation.cause.contains("no OAuth role"))
    }

    // MARK: Reading tokens

    private func token(_ payload: String) -> Secret {
        let encoded = Data(payload.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return Secret("eyJhbGciOiJSUzI1NiJ9.\(encoded).c2ln")
    }

    @Test(arguments: ["", "?", "??", "???>>>"])
    func `claims are read whatever the padding`(extra: String) {
        let claims = LoginRejection.claims(of: self.token(#"{"sub":"ann\#(extra)","exp":12.5,"aud":["x"]}"#))
        #expect(claims == .init(sub: "ann\(extra)", exp: 12.5))
    }

    @Test func `claims may be missing`() {
        #expect(LoginRejection.claims(of: self.token("{}")) == .init())
    }

    @Test(arguments: [
        "", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "a.=.c", "a.====.c", "a.\u{0}.c", "a.-_-_.c", "a.💥.c",
        "a.-\u{301}.c", "dapi0123456789", String(repeating: ".", count: 100_000),
        "a.\(String(repeating: "A", count: 100_001)).c",
    ])
    func `garbage has no claims`(text: String) {
        #expect(LoginRejection.claims(of: Secret(text)) == nil)
    }

    @Test(arguments: [
        "null", "[]", "1", "\"text\"", #"{"sub":1}"#, #"{"exp":"soon"}"#, #"{"exp":1e999}"#, "{\"sub\":\"\u{0}",
        "\u{FEFF}",
        String(repeating: "[", count: 10_000), String(repeating: #"{"a":"#, count: 10_000),
    ])
    func `payloads that are no claims have none`(payload: String) {
        #expect(LoginRejection.claims(of: self.token(payload)) == nil)
    }

    @Test func `random bytes never trap`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2000 {
            let bytes = (0..<random.next(below: 60)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = LoginRejection.claims(of: Secret("a.\(Data(bytes).base64EncodedString()).c"))
            _ = LoginRejection.claims(of: Secret(String(decoding: bytes, as: UTF8.self)))
        }
    }

    @Test func `extreme times do not trap`() {
        for end in [-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude, .infinity, .nan, 0] {
            _ = self.rejection(claims: .init(sub: nil, exp: end)).explanation
        }
    }
}
