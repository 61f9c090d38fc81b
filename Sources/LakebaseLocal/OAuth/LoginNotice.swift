//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Secrets

/// What the owner is told when the login page is opened.
package struct LoginNotice: Sendable {
    /// What the page asks for.
    package var code: Secret
    /// The file that has it, which only the owner can read.
    package var file: String
}
