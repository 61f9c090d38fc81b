//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import ExactText
import Secrets

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Finds out from a configured password itself why a server refuses it.
package enum PasswordDiagnosis {
    /// Explains why a server refuses a password that was configured, not minted.
    package static func verdict(
        _ login: PQConnection.Configuration, serverMessage: String, now: Date
    ) -> LakebaseExplanation {
        let plain = LakebaseExplanation(
            .passwordRefused, "user name or password is wrong", isEstablished: false,
            remedy: "check user name and password")
        // A token that was put into a URL or PGPASSWORD by hand.
        let remedy =
            "unset DATABASE_URL and PGPASSWORD and set LAKEBASE_ENDPOINT: a credential is then minted for each login"
        guard let claims = login.password.flatMap(TokenClaims.read) else {
            guard Self.wantsCredential(serverMessage) else { return plain }
            return LakebaseExplanation(
                .notACredential,
                "the server requires a database credential, and the "
                    + "password is not one: it is not a JWT", isEstablished: false,
                remedy: remedy)
        }
        if let end = claims.exp, end <= now.timeIntervalSince1970 {
            return LakebaseExplanation(
                .credentialExpired, "the password is a token that had expired when it was used", remedy: remedy)
        }
        if claims.isForWorkspace {
            return LakebaseExplanation(
                .notACredential,
                "the password is a token for the workspace's HTTP "
                    + "services, which cannot log in to a database",
                remedy: remedy)
        }
        if let subject = claims.sub, !subject.isExactly(login.username) {
            return LakebaseExplanation(
                .usernameMismatch,
                "the password is a token of \"\(subject)\", while the user name is \"\(login.username)\"",
                isEstablished: false, remedy: remedy)
        }
        return plain
    }

    /// Whether the server's refusal says that it expected a token.
    ///
    /// Recognizes the messages that Lakebase was seen to send.
    private static func wantsCredential(_ message: String) -> Bool {
        let message = message.lowercased()
        return ["failed to decode token", "not a valid jwt", "workspace token"].contains { message.contains($0) }
    }
}
