//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase

/// Checks before a secret is printed to standard output.
enum SecretOutput {
    /// Refuses a terminal, where others could see the secret and the scrollback keeps it.
    static func check(show: Bool) throws {
        guard show || isatty(STDOUT_FILENO) == 0 else {
            throw CommandError(
                "standard output is a terminal, where the token could be seen: send it to a pipe, or add --show",
                status: 64)
        }
    }

    /// Prints on standard error when the password expires.
    static func tellEnd(_ credential: LakebaseCredentials.Credential?) {
        guard let end = credential?.expiresAt else { return }
        let minutes = Int(min(max(end.timeIntervalSinceNow / 60, 0), 1e9).rounded(.down))
        let life = minutes > 0 ? "\(minutes) min" : "less than a minute"
        Terminal.note("The token is accepted for logins until \(RFC3339.string(from: end)), \(life) from now.")
    }
}
