//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// Code in the guides is code that compiles: the package builds each file in Snippets.
@Suite("Code in the guides")
struct SnippetTests {
    /// The guides: the articles of every target, and the first page.
    private static let pages =
        Repository.files(in: "Sources", withExtension: "md").filter { $0.contains(".docc/") } + ["README.md"]

    @Test(arguments: pages)
    func `each snippet that a page shows is there`(page: String) throws {
        let references = try Repository.text(page)
            .matches(of: /@Snippet\(path: "lakebase-swift\/(Snippets\/\w+)", slice: "(\w+)"\)/)
        let mentions = try Repository.text(page).components(separatedBy: "@Snippet(").count - 1
        #expect(references.count == mentions, "a snippet is shown in another way than path and slice")
        for reference in references {
            let snippet = try Repository.text(reference.1 + ".swift")
            #expect(
                snippet.contains("// snippet.\(reference.2)\n"),
                "\(reference.1).swift has no slice \(reference.2)")
        }
    }

    @Test(arguments: pages)
    func `each block of Swift on a page is a run of lines of a snippet`(page: String) throws {
        let snippets = try Repository.files(in: "Snippets", withExtension: "swift").map { file in
            try Repository.text(file).split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.drop { $0 == " " }.hasPrefix("// snippet.") }.joined(separator: "\n")
        }
        let parts = try Repository.text(page).components(separatedBy: "```swift\n").dropFirst()
        for part in parts {
            let block = "\n" + (part.components(separatedBy: "\n```").first ?? "") + "\n"
            #expect(snippets.contains { ("\n" + $0).contains(block) }, "in no file of Snippets:\(block)")
        }
    }

    @Test func `no slice of a snippet is without a page`() throws {
        let text = try Self.pages.map(Repository.text).joined()
        for file in Repository.files(in: "Snippets", withExtension: "swift") {
            let name = file.dropLast(".swift".count)
            for slice in try Repository.text(file).matches(of: /\/\/ snippet\.(\w+)/) where slice.1 != "end" {
                #expect(text.contains("\(name)\", slice: \"\(slice.1)\""), "\(file) \(slice.1)")
            }
        }
    }
}
