//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Secrets

/// The announcement to the owner that the login page was opened.
package struct LoginNotice: Sendable {
    /// The code that the page asks for.
    package var code: Secret
    /// The file that contains it, which only the owner can read.
    package var file: String
}
