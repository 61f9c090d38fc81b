//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Logging

extension Logger.MetadataValue {
    /// What a peer sent, as one quoted text: it ends no line, hides nothing, and looks like no other value.
    static func quoted(_ text: String) -> Self { .string("\"\(text.escapedForLog())\"") }

    /// A sentence that may have a peer's words in it, in one line.
    static func escaped(_ text: String) -> Self { .string(text.escapedForLog(limit: 512)) }
}
