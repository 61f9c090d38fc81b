//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
internal import ExactText

extension SQLScript.Statement {
    /// The line of the script that an error of the server means, counted from 1.
    package func line(of error: PQError) -> Int {
        guard let position = error.server?.position else { return self.line }
        // Counted in characters, which for the server are Unicode scalars.
        return self.line + self.text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" }
    }
}

extension SQLScript {
    /// The first lines of a statement, indented, to be shown below an error.
    package static func excerpt(_ statement: String) -> String {
        let lines = statement.exactLines
        return (lines.prefix(5).map { "    \($0.prefix(160))" } + (lines.count > 5 ? ["    …"] : []))
            .joined(separator: "\n")
    }
}
