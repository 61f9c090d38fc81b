//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Databricks
import Foundation
import JWTKit
import Secrets
import TestSupport
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Tokens of other issuers") struct FederationTests {
    private static let now = Date(timeIntervalSince1970: 1_000_000)
    private static let key = P256.Signing.PrivateKey()

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The key set of the issuer, as text.
    private static func keySet(_ key: P256.Signing.PrivateKey = Self.key) -> String {
        let raw = key.publicKey.rawRepresentation
        let (x, y) = (Self.encoded(raw.prefix(32)), Self.encoded(raw.suffix(32)))
        return #"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"k","x":"\#(x)","y":"\#(y)"}]}"#
    }

    private static func claims(_ changes: [String: JSONValue?] = [:]) -> [String: JSONValue] {
        var claims: [String: JSONValue] = [
            "iss": .string("https://issuer.example.com"), "aud": .string("account"), "sub": .string("ann"),
            "exp": .integer(1_000_300), "iat": .integer(999_990),
        ]
        for (name, value) in changes { claims[name] = value }
        return claims
    }

    private static func token(
        _ changes: [String: JSONValue?] = [:], key: P256.Signing.PrivateKey = Self.key, algorithm: String = "ES256"
    ) throws -> Secret {
        let header = Self.encoded(Data(#"{"alg":"\#(algorithm)","kid":"k","typ":"JWT"}"#.utf8))
        let text = header + "." + Self.encoded(try JSONEncoder().encode(Self.claims(changes)))
        let signature = try key.signature(for: Data(text.utf8)).rawRepresentation
        return Secret(text + "." + (algorithm == "none" ? "" : Self.encoded(signature)))
    }

    private static func policy(
        subject: String? = nil, principal: Int64? = nil, claim: String? = nil, audiences: [String]? = nil
    ) -> OAuth.FederationPolicy {
        OAuth.FederationPolicy(
            servicePrincipalID: principal,
            oidcPolicy: .init(
                issuer: "https://issuer.example.com", audiences: audiences, subjectClaim: claim, subject: subject,
                keySet: Self.keySet()))
    }

    private static let identities = IdentityDirectory(
        app: LocalIdentity(
            kind: .servicePrincipal, userName: "app-id", displayName: "app", id: "7", credential: Secret("s")),
        developer: LocalIdentity(kind: .user, userName: "ann", displayName: "Ann", id: "8", credential: Secret("t")))

    private func identity(
        _ token: Secret, _ policies: [OAuth.FederationPolicy], clientID: String? = nil
    ) async throws -> String {
        try await Federation(policies: policies).identity(
            for: token, clientID: clientID, accountID: "account", identities: Self.identities, now: Self.now
        ).userName
    }

    @Test func `policy of the account takes the bearer from the token`() async throws {
        #expect(try await self.identity(Self.token(), [Self.policy()]) == "ann")
        let other = try Self.token(["sub": .string("x"), "mail": .string("app-id")])
        #expect(try await self.identity(other, [Self.policy(claim: "mail")]) == "app-id")
        let several = try Self.token(["aud": .array([.string("else"), .string("here")])])
        #expect(try await self.identity(several, [Self.policy(audiences: ["here"])]) == "ann")
    }

    @Test func `policy of a service principal counts for its client id only`() async throws {
        let policy = Self.policy(subject: "repo:a/b", principal: 7)
        let token = try Self.token(["sub": .string("repo:a/b")])
        #expect(try await self.identity(token, [policy], clientID: "app-id") == "app-id")
        await #expect(throws: Federation.Refusal.self) { try await self.identity(token, [policy]) }
        for client in ["ann", "nobody"] {
            await #expect(throws: Federation.Refusal.self) {
                try await self.identity(token, [policy], clientID: client)
            }
        }
        let other = try Self.token(["sub": .string("repo:a/c")])
        await #expect(throws: Federation.Refusal.self) {
            try await self.identity(other, [policy], clientID: "app-id")
        }
        // The account's policies do not let a principal in by its id.
        await #expect(throws: Federation.Refusal.self) {
            try await self.identity(Self.token(), [Self.policy()], clientID: "app-id")
        }
    }

    @Test(
        arguments: [
            ("iss", .string("https://other.example.com"), "issuer"), ("iss", nil, "issuer"),
            ("aud", .string("other"), "audience"), ("aud", nil, "audience"), ("sub", .string("nobody"), "not known"),
            ("sub", nil, "bearer"), ("sub", .integer(7), "bearer"), ("exp", .integer(1_000_000), "expired"),
            ("exp", nil, "no end"), ("exp", .string("1000300"), "no end"), ("iat", .integer(1_000_061), "not good yet"),
            ("nbf", .integer(1_000_061), "not good yet"),
        ] as [(String, JSONValue?, String)])
    func `claim that is wrong is named`(name: String, value: JSONValue?, words: String) async throws {
        let refusal = await #expect(throws: Federation.Refusal.self) {
            try await self.identity(Self.token([name: value]), [Self.policy()])
        }
        #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "")")
    }

    @Test func `signature of another key, none, and other text are not taken`() async throws {
        let forged = try Self.token(key: P256.Signing.PrivateKey())
        for token in [forged, try Self.token(algorithm: "none"), Secret("canary"), Secret("a.b.c"), Secret("")] {
            let refusal = await #expect(throws: Federation.Refusal.self) {
                try await self.identity(token, [Self.policy()])
            }
            #expect(refusal?.description.contains("signed") == true)
        }
    }

    /// A token with that header, signed by the issuer's key.
    private static func token(header: String, suffix: String = "") throws -> Secret {
        let text = Self.encoded(Data(header.utf8)) + "." + Self.encoded(try JSONEncoder().encode(Self.claims()))
        let signature = try Self.key.signature(for: Data(text.utf8)).rawRepresentation
        return Secret(text + "." + Self.encoded(signature) + suffix)
    }

    @Test func `header that says what is not understood, another algorithm or an unknown key is not taken`()
        async throws
    {
        for header in [
            #"{"alg":"ES256","kid":"k"}"#, #"{"alg":"ES256"}"#, #"{"alg":"ES256","kid":"k","typ":"at+jwt","x":1}"#,
        ] {
            #expect(try await self.identity(Self.token(header: header), [Self.policy()]) == "ann", "\(header)")
        }
        for header in [
            #"{"alg":"ES256","kid":"k","crit":["b64"],"b64":false}"#, #"{"alg":"ES256","kid":"k","crit":[]}"#,
            #"{"alg":"RS256","kid":"k"}"#, #"{"alg":"ES384","kid":"k"}"#, #"{"alg":"HS256","kid":"k"}"#,
            #"{"alg":"none","kid":"k"}"#,
            #"{"alg":"es256","kid":"k"}"#, #"{"kid":"k"}"#, #"{"alg":"ES256","kid":"other"}"#,
            #"{"alg":"ES256","kid":""}"#,
            #"{"alg":"ES256","kid":7}"#, #"{"alg":"ES256","kid":"k","alg":"ES256"}"#, #"{"alg":["ES256"],"kid":"k"}"#,
            #"{"alg":"ES256","kid":"\u212A"}"#,
        ] {
            let refusal = await #expect(throws: Federation.Refusal.self) {
                try await self.identity(Self.token(header: header), [Self.policy()])
            }
            #expect(refusal?.description.contains("signed") == true, "\(header)")
        }
        // Padding and other spellings of the same bytes.
        for suffix in ["=", "==", "\n", "A"] {
            await #expect(throws: Federation.Refusal.self) {
                try await self.identity(
                    Self.token(header: #"{"alg":"ES256","kid":"k"}"#, suffix: suffix), [Self.policy()])
            }
        }
    }

    @Test func `nested claims cost no more than their bytes`() async throws {
        var deep = JSONValue.integer(0)
        for _ in 0..<400 { deep = .array([deep]) }
        let (nested, flat) = (
            try Self.token(["x": deep]), try Self.token(["x": .string(String(repeating: "x", count: 800))])
        )
        let time = try await measure {
            await #expect(throws: Federation.Refusal.self) { try await self.identity(nested, [Self.policy()]) }
        } beside: {
            _ = try await self.identity(flat, [Self.policy()])
        }
        #expect(time.isWithin(.seconds(1)), "\(time)")
    }

    @Test func `policies that cannot work are refused at the start`() async throws {
        var keyless = Self.policy()
        keyless.oidcPolicy?.keySet = nil
        var broken = Self.policy()
        broken.oidcPolicy?.keySet = "{}"
        var empty = Self.policy()
        empty.oidcPolicy?.keySet = #"{"keys":[]}"#
        var nameless = Self.policy()
        nameless.oidcPolicy?.issuer = nil
        let open = Self.policy(principal: 7)
        for policy in [keyless, broken, empty, nameless, open, OAuth.FederationPolicy()] {
            let error = await #expect(throws: LocalLakebaseError.self) { _ = try await Federation(policies: [policy]) }
            #expect(error?.description.contains("number 1") == true, "\(error.map { "\($0)" } ?? "")")
        }
    }
}
