//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal
import Secrets

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What `lakebase dev` prints when a program opens the login page.
enum LoginPrompt {
    /// Prints the code on a terminal; a file or a pipe gets only the path of the file that contains it.
    static func show(_ notice: LoginNotice) {
        guard isatty(STDERR_FILENO) != 0 else {
            Terminal.note("lakebase: a program asks to log in; the code for its page is in \(notice.file)")
            return
        }
        notice.code.withUnsafeValue {
            Terminal.note("lakebase: a program asks to log in. If that is you, type this code on its page: \($0)")
        }
    }
}
