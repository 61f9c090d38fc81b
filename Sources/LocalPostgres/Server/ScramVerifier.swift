//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
package import Secrets

/// The stored form of a password in PostgreSQL (RFC 5803, as in `pg_authid.rolpassword`).
///
/// Made here, a statement that sets a password does not show it: `pg_stat_activity` shows statements to many.
package enum ScramVerifier {
    /// The verifier of a password of letters and digits, which SASLprep does not change (RFC 4013).
    package static func make(
        _ password: Secret, salt: [UInt8] = (0..<16).map { _ in UInt8.random(in: .min ... .max) },
        iterations: Int = 4096
    ) -> String {
        let key = password.withUnsafeValue { SymmetricKey(data: Data($0.utf8)) }
        // Hi of RFC 5802: PBKDF2 with one block.
        var last = Data(HMAC<SHA256>.authenticationCode(for: Data(salt) + [0, 0, 0, 1], using: key))
        var salted = last
        for _ in 1..<max(2, iterations) {
            last = Data(HMAC<SHA256>.authenticationCode(for: last, using: key))
            for index in salted.indices { salted[index] ^= last[index] }
        }
        func code(_ text: String) -> Data {
            Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: salted)))
        }
        let stored = Data(SHA256.hash(data: code("Client Key")))
        return "SCRAM-SHA-256$\(max(2, iterations)):\(Data(salt).base64EncodedString())"
            + "$\(stored.base64EncodedString()):\(code("Server Key").base64EncodedString())"
    }
}
