//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
internal import ExactText

extension SQLScript.Statement {
    /// Returns the line of the script that a server error refers to, counted from 1.
    package func line(of error: PQError) -> Int {
        guard let position = error.server?.position else { return self.line }
        // Counted in characters, which for the server are Unicode scalars.
        return self.line + self.text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" }
    }
}

extension SQLScript {
    /// Returns the first lines of a statement, indented, to show below an error.
    package static func excerpt(_ statement: String) -> String {
        Self.excerptLines(statement).map { "    \($0)" }.joined(separator: "\n")
    }

    /// The first five lines of a statement, each cut at 160 characters.
    static func excerptLines(_ statement: String) -> [String] {
        let lines = statement.exactLines
        return lines.prefix(5).map { String($0.prefix(160)) } + (lines.count > 5 ? ["…"] : [])
    }
}
