//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import TestSupport
import Testing

@testable import Lakebase

@Suite("Claims of tokens")
struct TokenClaimsTests {
    private func token(_ payload: String) -> Secret {
        let encoded = Data(payload.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return Secret("eyJhbGciOiJSUzI1NiJ9.\(encoded).c2ln")
    }

    @Test(arguments: ["", "?", "??", "???>>>"])
    func `claims are read whatever the padding`(extra: String) {
        let claims = TokenClaims.read(self.token(#"{"sub":"ann\#(extra)","exp":12.5,"aud":["x"]}"#))
        #expect(claims == .init(sub: "ann\(extra)", exp: 12.5))
    }

    @Test func `claims may be missing`() {
        #expect(TokenClaims.read(self.token("{}")) == .init())
    }

    @Test(arguments: [
        "", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "a.=.c", "a.====.c", "a.\u{0}.c", "a.-_-_.c", "a.💥.c",
        "a.-\u{301}.c", "a.e30=.c", "a.e31.c", "a.eyJzdWIiOiI/In0.c", "dapi0123456789",
        String(repeating: ".", count: 100_000),
        "a.\(String(repeating: "A", count: 100_001)).c",
    ])
    func `garbage has no claims`(text: String) {
        #expect(TokenClaims.read(Secret(text)) == nil)
    }

    @Test(arguments: [
        "null", "[]", "1", "\"text\"", #"{"sub":1}"#, #"{"exp":"soon"}"#, #"{"exp":1e999}"#, "{\"sub\":\"\u{0}",
        "\u{FEFF}",
        String(repeating: "[", count: 10_000), String(repeating: #"{"a":"#, count: 10_000),
    ])
    func `payloads that are no claims have none`(payload: String) {
        #expect(TokenClaims.read(self.token(payload)) == nil)
    }

    @Test func `random bytes never trap`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2000 {
            let bytes = (0..<random.next(below: 60)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = TokenClaims.read(Secret("a.\(Data(bytes).base64EncodedString()).c"))
            _ = TokenClaims.read(Secret(String(decoding: bytes, as: UTF8.self)))
        }
    }

    @Test func `claims that only some tokens have are read, or left out when they are something else`() {
        let full = TokenClaims.read(
            self.token(#"{"sub":"a","iat":3,"exp":4,"scope":"x all-apis","workspace_id":"12"}"#))
        #expect(full == .init(sub: "a", exp: 4, iat: 3, scope: "x all-apis", workspace: "12"))
        #expect(full?.isForWorkspace == true)
        let odd = TokenClaims.read(self.token(#"{"sub":"a","iat":"soon","scope":["all-apis"],"workspace_id":12}"#))
        #expect(odd == .init(sub: "a", workspace: "12"))
        #expect(odd?.isForWorkspace == false)
        #expect(TokenClaims(scope: "all-apis-not").isForWorkspace == false)
    }
}
