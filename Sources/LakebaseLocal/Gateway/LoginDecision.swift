//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import PostgresGateway

/// The decision about a login by its token, before any server is asked.
enum LoginDecision: Equatable {
    case accept(TokenClaims)
    case refuse(LoginRefusalReason, LoginRejection)

    /// The facts on which the decision depends.
    struct Context {
        var workspaceID: String
        /// The endpoint of the login.
        var endpoint: String
        var strictEndpoints: Bool
        /// Seconds since 1970.
        var now: Double
    }

    /// Decides about a token that was presented for `user`.
    ///
    /// Invalid, expired and foreign credentials are all 28P01, upon which existing clients mint again.
    static func judge(_ verdict: TokenVerdict, user: String, context: Context) -> LoginDecision {
        switch verdict {
        case .notAToken:
            // The service's own words, which several clients' users know.
            return .refuse(
                .notAToken,
                Self.refusal(
                    "Provided authentication token is not a valid JWT encoding",
                    detail: "The password has to be a database credential, which is a JWT.", hint: Self.mintHint
                )
            )
        case .badSignature(let claimed):
            if let claimed, !claimed.isExactly(context.workspaceID) {
                return .refuse(
                    .otherWorkspace,
                    Self.refusal(
                        "token of another workspace: it was minted in \(claimed), this is \(context.workspaceID)",
                        hint:
                            "Mint it at this workspace's host (DATABRICKS_HOST), or connect to the other one's PGHOST."
                    )
                )
            }
            return .refuse(
                .badSignature,
                Self.refusal(
                    "the token's signature is not valid: it was changed, or not signed by this workspace",
                    hint: Self.mintHint
                )
            )
        case .expired(let claims):
            if claims.use == .workspace { return Self.workspaceToken(endpoint: context.endpoint) }
            let ago = Int64(exactly: max(0, (context.now - Double(claims.expiresAt)).rounded(.down))) ?? 0
            // Years of four digits: others are no dates that anybody has written into a token.
            let moment = min(max(0, claims.expiresAt), 253_402_300_799)
            let expiry = Date(timeIntervalSince1970: Double(moment)).formatted(.iso8601)
            return .refuse(
                .expired,
                // The service says no more than the first; the detail is ours.
                Self.refusal(
                    "OAuth: User is not authorized",
                    detail: "the token expired at \(expiry), \(ago) s ago; mint a new one", hint: Self.mintHint)
            )
        case .valid(let claims):
            return Self.judge(claims, user: user, context: context)
        }
    }

    private static func judge(_ claims: TokenClaims, user: String, context: Context) -> LoginDecision {
        switch claims.use {
        case .workspace: return Self.workspaceToken(endpoint: context.endpoint)
        case .database: break
        }
        if !claims.workspaceID.isExactly(context.workspaceID) {
            return .refuse(
                .otherWorkspace,
                Self.refusal(
                    "token of another workspace: it was minted in \(claims.workspaceID), this is \(context.workspaceID)"
                )
            )
        }
        // As the server compares: names that only look the same are two roles.
        if !claims.subject.isExactly(user) {
            return .refuse(
                .otherIdentity,
                Self.refusal(
                    "the token is for \"\(claims.subject)\", the login asked for \"\(user)\"",
                    hint: "Log in as \"\(claims.subject)\", or mint the token as \"\(user)\"."
                )
            )
        }
        if context.strictEndpoints, let endpoint = claims.endpoint, !endpoint.isExactly(context.endpoint) {
            return .refuse(
                .otherEndpoint,
                Self.refusal(
                    "the token is for \(endpoint), this is \(context.endpoint) (strict endpoints are on)",
                    hint: "Mint it for this endpoint."
                )
            )
        }
        return .accept(claims)
    }

    /// The rejection of a workspace token or personal access token that is used as password.
    static func workspaceToken(endpoint: String) -> LoginDecision {
        .refuse(
            .workspaceToken,
            Self.refusal(
                "that is a workspace token; mint a database credential with POST /api/2.0/postgres/credentials",
                detail: "Tokens for the workspace's HTTP services do not open databases.",
                hint:
                    "With it as bearer token, send {\"endpoint\": \"\(endpoint)\"}, and log in with the \"token\" of the answer "
                    + "as password, or let lakebase token print one."
            )
        )
    }

    /// The rejection of a password where the project allows none.
    static let nativeLoginDisabled = Self.refusal(
        "native postgres login is disabled for this endpoint",
        hint:
            "Set enable_pg_native_login of the project, or log in as a Databricks identity with a database credential.")

    /// The rejection of a role that is not linked to an identity.
    ///
    /// - Parameter exists: Whether there is a role of that name all the same.
    static func roleMissing(_ user: String, exists: Bool) -> LoginRejection {
        LoginRejection(
            sqlState: "28P01",
            message: "password authentication failed for user \"\(user)\"",
            detail: exists
                ? "The role \"\(user)\" was made by CREATE ROLE and is not linked to an identity."
                : "The role \"\(user)\" does not exist.",
            hint: IdentityRole.creation(of: user).map {
                "A role with CREATEROLE can run: CREATE EXTENSION IF NOT EXISTS databricks_auth; \($0)"
            }
        )
    }

    private static let mintHint =
        "Mint one with POST /api/2.0/postgres/credentials; it is good for one login after another "
        + "until it expires."

    private static func refusal(_ message: String, detail: String? = nil, hint: String? = nil) -> LoginRejection {
        LoginRejection(sqlState: "28P01", message: message, detail: detail, hint: hint)
    }
}
