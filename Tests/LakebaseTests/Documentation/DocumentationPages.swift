//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The Markdown files of the repository.
enum DocumentationPages {
    /// The articles of every target, and the README.
    static let guides =
        Repository.files(in: "Sources", withExtension: "md").filter { $0.contains(".docc/") } + ["README.md"]

    /// All pages that people read.
    static let all =
        Self.guides + ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
        + Repository.files(in: "Examples", withExtension: "md").filter { !$0.contains("/.build/") }

    /// Whether tests write the generated parts of the pages anew instead of comparing them.
    static let areWritten = ProcessInfo.processInfo.environment["LAKEBASE_WRITE_DOCUMENTATION"] == "1"

    /// The page without its code, in which nothing is a link or a heading.
    static func prose(_ text: String) -> String {
        var isCode = false
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
            } else if !isCode {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n").replacing(/``[^`\n]+``|`[^`\n]+`/, with: "")
    }

    /// The anchors that a code host gives to the headings of a page.
    static func anchors(in text: String) -> Set<String> {
        var anchors: Set<String> = []
        var isCode = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, let heading = line.wholeMatch(of: /#{1,6} (.+)/) else { continue }
            let kept = heading.1.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
            anchors.insert(kept.replacing(" ", with: "-"))
        }
        return anchors
    }
}
