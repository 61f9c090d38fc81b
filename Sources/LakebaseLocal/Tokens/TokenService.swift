//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Digests
import ExactText
import Foundation
import JWTKit
import LocalGround
import LocalWorkspace
import Secrets

/// Signs and checks the workspace's tokens (ES256).
///
/// The key stays in the data directory, so that tokens outlive a restart as the service's do.
struct TokenService: Sendable {
    let workspaceID: String
    /// The default lifetime of a database credential, in seconds.
    let databaseLifetime: Int
    /// The lifetime of a workspace token, in seconds.
    ///
    /// Always an hour, whatever `tokenLifetime` is: SDKs treat a token with 40 s or less as expired and would request a
    /// new one for each call, and a shorter lifetime would gain nothing.
    let workspaceLifetime = 3600
    /// The key set at `/oidc/jwks.json`.
    let keySet: Data
    private let keys: JWTKeyCollection
    private let keyID: JWKIdentifier

    /// Reads the signing key from the folder, or creates one.
    static func load(
        from directory: DataDirectory, workspaceID: String, databaseLifetime: Duration
    ) async throws(LocalLakebaseError) -> TokenService {
        let pem = try directory.secret("signing.key") { Secret(P256.Signing.PrivateKey().pemRepresentation) }
        do {
            return try await TokenService(key: pem, workspaceID: workspaceID, databaseLifetime: databaseLifetime)
        } catch {
            throw LocalLakebaseError(
                .certificate,
                "The signing key \(directory.secretsFolder)/signing.key cannot be read.",
                remedy: "Remove the file: a new key is made at the next start, and tokens minted before stop working."
            )
        }
    }

    /// Creates a service that signs with a P-256 key given as PEM.
    init(key pem: Secret, workspaceID: String, databaseLifetime: Duration) async throws {
        let key = try pem.withUnsafeValue { try P256.Signing.PrivateKey(pemRepresentation: $0) }
        let raw = key.publicKey.rawRepresentation
        let fingerprint = SHA256Hash(of: raw).hex(bytes: 8)
        self.workspaceID = workspaceID
        self.databaseLifetime = max(1, Int(databaseLifetime.components.seconds))
        self.keyID = JWKIdentifier(string: fingerprint)
        self.keySet = try Self.encode(
            KeySet(keys: [
                .init(kid: fingerprint, x: Base64URL.encode(raw.prefix(32)), y: Base64URL.encode(raw.suffix(32)))
            ])
        )
        self.keys = JWTKeyCollection()
        let signing = try pem.withUnsafeValue { try ES256PrivateKey(pem: $0) }
        await self.keys.add(ecdsa: signing, kid: self.keyID)
    }

    /// Mints a token for the workspace's HTTP services.
    ///
    /// - Parameter scopes: What it may do of all that its subject may.
    func mintWorkspaceToken(
        for subject: String, issuer: String, scopes: [String] = [TokenScopes.everything], now: Date = Date()
    ) async throws -> MintedToken {
        try await self.mint(
            subject: subject, issuer: issuer, use: .workspace, lifetime: self.workspaceLifetime,
            scope: scopes.joined(separator: " "), endpoint: nil, now: now
        )
    }

    /// Mints a Postgres password.
    func mintDatabaseCredential(
        for subject: String, endpoint: String?, issuer: String, lifetime: Int? = nil, now: Date = Date()
    ) async throws -> MintedToken {
        try await self.mint(
            subject: subject, issuer: issuer, use: .database, lifetime: lifetime ?? self.databaseLifetime, scope: nil,
            endpoint: endpoint, now: now
        )
    }

    private func mint(
        subject: String, issuer: String, use: TokenClaims.Use, lifetime: Int, scope: String?, endpoint: String?,
        now: Date
    ) async throws -> MintedToken {
        let seconds = now.timeIntervalSince1970
        // Rounded so that a token never lives shorter than was said.
        let expiry = Int((seconds + Double(lifetime)).rounded(.up))
        let claims = TokenClaims(
            issuer: issuer, subject: subject, audience: self.workspaceID, issuedAt: Int(seconds.rounded(.down)),
            expiresAt: expiry, id: UUID().uuidString.lowercased(), workspaceID: self.workspaceID, use: use,
            scope: scope,
            endpoint: endpoint
        )
        let token = try await self.keys.sign(claims, kid: self.keyID)
        return MintedToken(token: token, expiresAt: Date(timeIntervalSince1970: Double(expiry)))
    }

    /// Examines a presented text.
    ///
    /// Any text may come in here.
    func examine(_ presented: Secret, now: Date = Date()) async -> TokenVerdict {
        let token = presented.withUnsafeValue { $0 }
        guard let header = StrictJWTHeader(token: token), let parts = Self.parts(of: token) else { return .notAToken }
        // The library takes the key for the algorithm's word; a token of ours says both, and no other is ours.
        guard header.algorithm.isExactly("ES256"), header.keyID?.isExactly(self.keyID.string) == true else {
            return .badSignature(claimedWorkspace: parts.claimedWorkspace)
        }
        do {
            let claims = try await self.keys.verify(token, as: TokenClaims.self)
            return .judging(claims, now: now.timeIntervalSince1970)
        } catch {
            return .badSignature(claimedWorkspace: parts.claimedWorkspace)
        }
    }

    /// The parts of a token that can be read without trusting it.
    private struct Parts {
        var claimedWorkspace: String?
    }

    private static func parts(of token: String) -> Parts? {
        let parts = token.splitExactly(at: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]),
            let claims = (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any]
        else { return nil }
        // It goes into an error text, so only what looks like an id passes.
        let workspace = claims[TokenClaims.CodingKeys.workspaceID.rawValue] as? String
        let isID = workspace.map { (1...20).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) } }
        return Parts(claimedWorkspace: isID == true ? workspace : nil)
    }

    private struct KeySet: Encodable {
        struct Key: Encodable {
            var kty = "EC"
            var crv = "P-256"
            var use = "sig"
            var alg = "ES256"
            var kid: String
            var x: String
            var y: String
        }
        var keys: [Key]
    }

    private static func encode(_ keySet: KeySet) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(keySet)
    }
}
