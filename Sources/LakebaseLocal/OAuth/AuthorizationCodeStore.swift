//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import ExactText
import Foundation
import Secrets

/// The browser logins as a value: codes that wait to be exchanged, and refresh tokens.
///
/// It reads no clock and uses no randomness. Codes live in memory; of refresh tokens only digests are kept.
struct AuthorizationCodeStore: Sendable {
    /// The lifetime of a code, in seconds.
    static let codeLife: TimeInterval = 60
    /// The lifetime of a login that is not renewed, in seconds: a week.
    static let refreshLife: TimeInterval = 7 * 86_400
    /// The maximum number of waiting codes, which only logged-in users can create; the oldest is dropped first.
    static let limit = 1_000

    private struct Code: Sendable {
        var request: AuthorizationRequest
        var user: String
        var ends: Date
        /// The login for which the code was used; if the code is presented again, that login ends (RFC 6749, 4.1.2).
        var usedFor: String?
    }

    /// A login that can be renewed, with all its tokens.
    struct Login: Codable, Equatable, Sendable {
        var user: String
        var clientID: String
        var scopes: [String]
        /// The digest of the current refresh token.
        var current: String
        /// The digests of earlier refresh tokens; if one is presented, the current one may have been stolen.
        var spent: [String] = []
        var ends: Date
    }

    /// The part that is stored.
    struct Kept: Codable, Equatable, Sendable {
        var logins: [String: Login] = [:]
    }

    private(set) var kept = Kept()
    private var codes: [String: Code] = [:]

    init(_ kept: Kept = Kept()) { self.kept = kept }

    /// The reason why a grant was rejected (RFC 6749, 5.2).
    struct Refusal: Error, Equatable {
        var error = "invalid_grant"
        var description: String
    }

    /// The result of a grant: the identity to mint a token for, and the refresh token for the next one.
    struct Grant: Equatable, Sendable {
        var user: String
        var scopes: [String]
        var refreshToken: Secret?
    }

    /// Creates the code of a user's login, to be exchanged.
    mutating func issue(_ code: Secret, for request: AuthorizationRequest, to user: String, now: Date) {
        self.codes = Self.pruned(self.codes, ends: \.ends, now: now)
        self.codes[Self.digest(code)] = Code(
            request: request, user: user, ends: now.addingTimeInterval(Self.codeLife))
    }

    // MARK: Grants

    /// Exchanges a code.
    ///
    /// - Parameters:
    ///   - next: The refresh token of a login that is to last.
    ///   - id: The name of that login.
    mutating func exchange(
        code: Secret, verifier: Secret, redirect: String, clientID: String, next: Secret, id: String, now: Date
    ) throws(Refusal) -> Grant {
        let digest = Self.digest(code)
        guard let known = self.codes[digest], known.ends > now else {
            throw Refusal(description: "The code is not known or has ended: log in again.")
        }
        if let login = known.usedFor {
            self.kept.logins[login] = nil
            throw Refusal(description: "The code has been used before, so the login has been ended: log in again.")
        }
        // A code that was sent with a wrong proof has been seen by another client, which gets no second try.
        self.codes[digest]?.usedFor = id
        guard known.request.clientID.isExactly(clientID), known.request.redirect.isExactly(redirect) else {
            throw Refusal(description: "The code was given to another program or for another redirect_uri.")
        }
        guard Secret(Self.challenge(of: verifier)) == Secret(known.request.challenge) else {
            throw Refusal(description: "The code_verifier does not belong to the code.")
        }
        let lasts = known.request.scopes.contains("offline_access")
        if lasts {
            self.prune(now: now)
            self.kept.logins[id] = Login(
                user: known.user, clientID: clientID, scopes: known.request.scopes, current: Self.digest(next),
                ends: now.addingTimeInterval(Self.refreshLife))
        }
        return Grant(user: known.user, scopes: known.request.scopes, refreshToken: lasts ? next : nil)
    }

    /// Exchanges a refresh token for a token and the next refresh token.
    mutating func renew(
        _ token: Secret, clientID: String, scopes: [String], next: Secret, now: Date
    ) throws(Refusal) -> Grant {
        // The words are those by which the databricks program knows that it has to log in again.
        let invalid = Refusal(description: "Refresh token is invalid")
        let digest = Self.digest(token)
        guard
            let (id, login) = self.kept.logins.first(where: {
                $0.value.current == digest || $0.value.spent.contains(digest)
            }), login.clientID.isExactly(clientID)
        else { throw invalid }
        guard login.current == digest, login.ends > now else {
            self.kept.logins[id] = nil
            throw invalid
        }
        guard scopes.allSatisfy(login.scopes.contains) else {
            throw Refusal(error: "invalid_scope", description: "The login has other scopes than those asked for.")
        }
        var renewed = login
        renewed.spent = Array((login.spent + [digest]).suffix(100))
        renewed.current = Self.digest(next)
        renewed.ends = now.addingTimeInterval(Self.refreshLife)
        self.kept.logins[id] = renewed
        return Grant(user: login.user, scopes: scopes.isEmpty ? login.scopes : scopes, refreshToken: next)
    }

    // MARK: Details

    private mutating func prune(now: Date) {
        self.kept.logins = self.kept.logins.filter { $0.value.ends > now }
    }

    /// The entries without those that have expired, and with room for one more.
    private static func pruned<Key: Hashable, Value>(
        _ values: [Key: Value], ends: KeyPath<Value, Date>, now: Date
    ) -> [Key: Value] {
        var live = values.filter { $0.value[keyPath: ends] > now }
        while live.count >= Self.limit {
            guard let oldest = live.min(by: { $0.value[keyPath: ends] < $1.value[keyPath: ends] }) else { break }
            live[oldest.key] = nil
        }
        return live
    }

    /// The challenge of a verifier (RFC 7636, 4.6).
    static func challenge(of verifier: Secret) -> String {
        verifier.withUnsafeValue { Base64URL.encode(SHA256.hash(data: Data($0.utf8))) }
    }

    /// The digest of a code or refresh token; they have 256 random bits, so that a plain digest reveals nothing.
    private static func digest(_ secret: Secret) -> String {
        secret.withUnsafeValue { SHA256.hash(data: Data($0.utf8)) }.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
