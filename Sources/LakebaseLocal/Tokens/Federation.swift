//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import JWTKit
import LocalGround
import LocalWorkspace
import Secrets

/// Checks tokens of other issuers against the federation policies of the workspace.
struct Federation: Sendable {
    /// The reason why a token was rejected; it contains nothing of the token.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    private struct Trusted: Sendable {
        var policy: OAuth.FederationPolicy
        var keys: JWTKeyCollection
        /// The key set, for checking the header of a token.
        var set: JWKS

        /// Whether the key that a token names exists, and is for the algorithm that the token names.
        ///
        /// A token that names no key is taken only where there is no choice: the library would take the first.
        func fits(_ header: StrictJWTHeader) -> Bool {
            let named = self.set.keys.filter { key in
                header.keyID.map { key.keyIdentifier?.string.isExactly($0) == true } ?? true
            }
            guard named.count == 1, let key = named.first, let kind = Federation.algorithms[header.algorithm] else {
                return false
            }
            let isNamed = key.algorithm.map { $0.rawValue.isExactly(header.algorithm) } ?? true
            let isOnCurve =
                kind.curve.map { curve in key.curve.map { "\($0.rawValue)".isExactly(curve) } ?? true } ?? true
            return isNamed && isOnCurve && key.keyType == kind.type
        }
    }

    private let trusted: [Trusted]

    /// The key type and curve of each algorithm.
    private static let algorithms: [String: (type: JWK.KeyType, curve: String?)] = [
        "RS256": (.rsa, nil), "RS384": (.rsa, nil), "RS512": (.rsa, nil), "PS256": (.rsa, nil), "PS384": (.rsa, nil),
        "PS512": (.rsa, nil), "ES256": (.ecdsa, "P-256"), "ES384": (.ecdsa, "P-384"), "ES512": (.ecdsa, "P-521"),
        "EdDSA": (.octetKeyPair, nil),
    ]

    /// Reads the keys of each policy.
    ///
    /// - Throws: `invalidConfiguration` for a policy that could never let anybody in, or would let in too many.
    init(policies: [OAuth.FederationPolicy]) async throws(LocalLakebaseError) {
        var trusted: [Trusted] = []
        for (index, policy) in policies.enumerated() {
            func wrong(_ reason: String, _ remedy: String) -> LocalLakebaseError {
                LocalLakebaseError(
                    .invalidConfiguration, "The federation policy \(policy.name ?? "number \(index + 1)") \(reason).",
                    remedy: remedy)
            }
            guard let rules = policy.oidcPolicy, rules.issuer?.isEmpty == false else {
                throw wrong("has no issuer", "Set oidc_policy.issuer to the 'iss' of the tokens.")
            }
            guard let text = rules.keySet else {
                throw wrong(
                    "has no keys, and none are fetched here",
                    "Set oidc_policy.jwks_json to the issuer's JSON Web Key Set, as text.")
            }
            guard policy.servicePrincipalID == nil || rules.subject?.isEmpty == false else {
                throw wrong(
                    "of a service principal would take every token of its issuer",
                    "Set oidc_policy.subject to the 'sub' of the tokens.")
            }
            let keys = JWTKeyCollection()
            let set: JWKS
            do {
                set = try JSONDecoder().decode(JWKS.self, from: Data(text.utf8))
                guard !set.keys.isEmpty else { throw JWTError.noKeyProvided }
                try await keys.add(jwks: set)
            } catch {
                throw wrong(
                    "has keys that cannot be read",
                    "Set oidc_policy.jwks_json to a JSON Web Key Set of RSA or EC keys, each with its kid.")
            }
            trusted.append(Trusted(policy: policy, keys: keys, set: set))
        }
        self.trusted = trusted
    }

    /// The identity of a token's bearer.
    ///
    /// - Parameter clientID: The application id of the service principal whose policies count; nil for those of the
    ///   account.
    func identity(
        for token: Secret, clientID: String?, accountID: String, identities: IdentityDirectory, now: Date = Date()
    ) async throws(Refusal) -> LocalIdentity {
        let principal: LocalIdentity?
        if let clientID {
            guard let known = identities.identity(named: clientID), known.kind == .servicePrincipal else {
                throw Refusal(description: "There is no service principal with that client_id.")
            }
            principal = known
        } else {
            principal = nil
        }
        let candidates = self.trusted.filter {
            $0.policy.servicePrincipalID.map(String.init) == principal?.id
        }
        guard !candidates.isEmpty else {
            throw Refusal(
                description: principal == nil
                    ? "There is no federation policy for the account; with a client_id, those of that service principal count."
                    : "There is no federation policy for that service principal.")
        }
        var refusal = Refusal(description: "No federation policy has the key that signed the token.")
        for candidate in candidates {
            guard let claims = await Self.claims(of: token, candidate) else { continue }
            do throws(Refusal) {
                let subject = try claims.subject(for: candidate.policy, accountID: accountID, now: now)
                if let principal { return principal }
                guard let identity = identities.identity(named: subject) else {
                    throw Refusal(description: "The token's subject is not known in this workspace.")
                }
                return identity
            } catch {
                refusal = error
            }
        }
        throw refusal
    }

    private static func claims(of token: Secret, _ trusted: Trusted) async -> FederatedClaims? {
        let text = token.withUnsafeValue { $0 }
        guard let header = StrictJWTHeader(token: text), trusted.fits(header) else { return nil }
        return try? await trusted.keys.verify(text, as: FederatedClaims.self)
    }
}

/// The claims of another issuer's token.
struct FederatedClaims: JWTPayload, Equatable {
    var claims: [String: JSONValue]

    init(_ claims: [String: JSONValue]) { self.claims = claims }

    init(from decoder: any Decoder) throws {
        self.claims = try decoder.singleValueContainer().decode([String: JSONValue].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.claims)
    }

    /// Does nothing: the policy checks the claims.
    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// The tolerated clock difference of issuers, in seconds.
    private static let leeway: TimeInterval = 60

    /// The bearer, if the policy accepts the token.
    func subject(
        for policy: OAuth.FederationPolicy, accountID: String, now: Date
    ) throws(Federation.Refusal) -> String {
        let rules = policy.oidcPolicy ?? .init()
        guard let issuer = rules.issuer, self.claims["iss"]?.stringValue?.isExactly(issuer) == true else {
            throw Federation.Refusal(description: "The token's issuer is not that of the federation policy.")
        }
        let wanted = rules.audiences.flatMap { $0.isEmpty ? nil : $0 } ?? [accountID]
        guard self.audiences.contains(where: { audience in wanted.contains { $0.isExactly(audience) } }) else {
            throw Federation.Refusal(
                description:
                    "The token's audience is none of the federation policy's: \(wanted.joined(separator: ", ")).")
        }
        guard let ends = self.seconds("exp") else {
            throw Federation.Refusal(description: "The token has no end (exp).")
        }
        guard ends > now.timeIntervalSince1970 else { throw Federation.Refusal(description: "The token has expired.") }
        for name in ["nbf", "iat"] {
            guard let begins = self.seconds(name) else { continue }
            guard begins <= now.timeIntervalSince1970 + Self.leeway else {
                throw Federation.Refusal(description: "The token is not good yet (\(name)).")
            }
        }
        let claim = rules.subjectClaim ?? "sub"
        guard let subject = self.claims[claim]?.stringValue, !subject.isEmpty else {
            throw Federation.Refusal(description: "The token does not say who its bearer is (\(claim)).")
        }
        if let expected = rules.subject, !expected.isEmpty, !expected.isExactly(subject) {
            throw Federation.Refusal(description: "The token's subject is not that of the federation policy.")
        }
        return subject
    }

    private var audiences: [String] {
        guard case .array(let values)? = self.claims["aud"] else {
            return self.claims["aud"]?.stringValue.map { [$0] } ?? []
        }
        return values.compactMap(\.stringValue)
    }

    private func seconds(_ name: String) -> TimeInterval? {
        switch self.claims[name] {
        case .integer(let value): TimeInterval(value)
        case .number(let value): value
        case nil, .null, .boolean, .string, .array, .object: nil
        }
    }
}
