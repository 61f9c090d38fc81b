//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What is wrong, and what to do about it.
package struct Advice: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package var message: String
    /// What to do about it.
    package var remedy: String

    init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    /// Both in one line.
    package var description: String { "\(self.message): \(self.remedy)" }
}
