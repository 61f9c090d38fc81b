//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Token service") struct TokenServiceTests {
    func service(workspace: String = "111", lifetime: Duration = .seconds(30)) async throws -> TokenService {
        let key = Secret(P256.Signing.PrivateKey().pemRepresentation)
        return try await TokenService(key: key, workspaceID: workspace, databaseLifetime: lifetime)
    }

    @Test func `a minted credential is valid until the second it ends`() async throws {
        let service = try await self.service()
        let now = Date(timeIntervalSince1970: 1_000_000)
        let minted = try await service.mintDatabaseCredential(for: "ann", endpoint: "e", issuer: "i", now: now)
        #expect(minted.expiresAt == now.addingTimeInterval(30))
        guard case .valid(let claims) = await service.examine(Secret(minted.token), now: now.addingTimeInterval(29.9))
        else {
            Issue.record("a fresh credential is not valid")
            return
        }
        #expect(
            claims.subject == "ann" && claims.use == .database && claims.endpoint == "e" && claims.workspaceID == "111")
        guard case .expired = await service.examine(Secret(minted.token), now: now.addingTimeInterval(30)) else {
            Issue.record("an ended credential is not expired")
            return
        }
    }

    @Test func `workspace tokens have a lifetime of their own`() async throws {
        let service = try await self.service(lifetime: .seconds(2))
        let now = Date(timeIntervalSince1970: 1_000_000)
        let minted = try await service.mintWorkspaceToken(for: "ann", issuer: "i", now: now)
        #expect(minted.expiresAt == now.addingTimeInterval(3600))
    }

    @Test func `any change of any part is noticed`() async throws {
        let service = try await self.service()
        let token = try await service.mintDatabaseCredential(for: "ann", endpoint: nil, issuer: "i").token
        var parts = token.split(separator: ".").map(String.init)
        let payload = try #require(Data(base64Encoded: Self.padded(parts[1])))
        let forged = String(decoding: payload, as: UTF8.self).replacing("\"ann\"", with: "\"bob\"")
        parts[1] = Data(forged.utf8).base64EncodedString().replacing("=", with: "")
        #expect(await service.examine(Secret(parts.joined(separator: "."))) == .badSignature(claimedWorkspace: "111"))
        #expect(
            await service.examine(Secret(String(token.dropLast(4)) + "AAAA")) == .badSignature(claimedWorkspace: "111"))
    }

    @Test func `an unsigned token is not taken`() async throws {
        let service = try await self.service()
        let header = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString().replacing("=", with: "")
        let token = try await service.mintDatabaseCredential(for: "ann", endpoint: nil, issuer: "i").token
        let payload = token.split(separator: ".")[1]
        #expect(await service.examine(Secret("\(header).\(payload).")) == .badSignature(claimedWorkspace: "111"))
    }

    @Test func `another workspace's token names its workspace`() async throws {
        let token = try await self.service(workspace: "222").mintDatabaseCredential(
            for: "a", endpoint: nil, issuer: "i")
        let verdict = await (try self.service(workspace: "111")).examine(Secret(token.token))
        #expect(verdict == .badSignature(claimedWorkspace: "222"))
    }

    @Test(arguments: [
        "", "x", "a.b", "a.b.c", "....", "dapi0123", "e30.e30", "é.é.é", String(repeating: "a.", count: 4000),
    ])
    func `other text is not a token`(text: String) async throws {
        #expect(await (try self.service()).examine(Secret(text)) == .notAToken)
    }

    @Test func `a token has one spelling`() async throws {
        let service = try await self.service()
        let token = try await service.mintDatabaseCredential(for: "ann", endpoint: nil, issuer: "i").token
        guard case .valid = await service.examine(Secret(token)) else {
            Issue.record("a fresh credential is not valid")
            return
        }
        let parts = token.split(separator: ".").map(String.init)
        // The last character of 64 bytes has four bits that say nothing.
        let last = try #require(parts[2].last)
        let other = try #require(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split(separator: last).last?.first)
        for signature in [
            parts[2] + "=", parts[2] + "==", String(parts[2].dropLast()) + String(other), parts[2] + "\n",
            " " + parts[2],
        ] {
            #expect(await service.examine(Secret("\(parts[0]).\(parts[1]).\(signature)")) == .notAToken, "\(signature)")
        }
        for spelled in [
            token + "=", token + ".", "." + token, token + "\u{301}", parts[0] + "=." + parts[1] + "." + parts[2],
        ] {
            #expect(await service.examine(Secret(spelled)) == .notAToken)
        }
        // Another header over the same claims is not signed by us, and the key cannot be named otherwise.
        let header = Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8).base64EncodedString().replacing("=", with: "")
        #expect(
            await service.examine(Secret("\(header).\(parts[1]).\(parts[2])")) == .badSignature(claimedWorkspace: "111")
        )
    }

    static func padded(_ text: String) -> String {
        text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.count % 4) % 4)
    }
}
