//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Logging

extension Logger.MetadataValue {
    /// A value that a peer sent, as one quoted text: it cannot end a line, hide anything, or look like another value.
    static func quoted(_ text: String) -> Self { .string("\"\(text.escapedForLog())\"") }

    /// A sentence that may contain a peer's words, in one line.
    static func escaped(_ text: String) -> Self { .string(text.escapedForLog(limit: 512)) }
}
