//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase

/// Secrets on standard output, because the user asked for them.
enum SecretOutput {
    /// Ends the command where people would see a secret, and the screen's history keep it.
    static func check(show: Bool) throws {
        guard show || isatty(STDOUT_FILENO) == 0 else {
            throw CommandError(
                "standard output is a terminal, where the token could be seen: send it to a pipe, or add --show",
                status: 64)
        }
    }

    /// Says until when the password is good.
    static func tellEnd(_ credential: LakebaseCredentials.Credential?) {
        guard let end = credential?.expiresAt else { return }
        let minutes = Int(min(max(end.timeIntervalSinceNow / 60, 0), 1e9).rounded(.down))
        let life = minutes > 0 ? "\(minutes) min" : "less than a minute"
        Terminal.note("The token is good for logins until \(RFC3339.string(from: end)), \(life) from now.")
    }
}
