//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// Code in the guides is code that compiles: the package builds each file in Snippets, and a page repeats a slice of it.
///
/// A page names the slice in a comment above the block. To copy changed slices into the pages:
/// `LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter SnippetTests`
@Suite("Code in the guides")
struct SnippetTests {
    private struct Reference: Equatable {
        var file: String
        var slice: String
        /// The whole match, comment and block.
        var text: String
        var block: String
    }

    private static func references(in page: String) -> [Reference] {
        page.matches(of: /<!-- (Snippets\/\w+\.swift): (\w+) -->\n```swift\n((?:(?!```).*\n)*)```\n/).map {
            Reference(file: String($0.1), slice: String($0.2), text: String($0.0), block: String($0.3))
        }
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The lines of a slice without the indentation that they share.
    private static func slice(_ name: String, of file: String) throws -> String? {
        var slice: [Substring]?
        for line in self.lines(try Repository.text(file)) {
            let code = line.drop { $0 == " " }
            if code == "// snippet.\(name)" {
                slice = []
            } else if code == "// snippet.end", let found = slice {
                let shared = found.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
                return found.map { $0.dropFirst(shared) + "\n" }.joined()
            } else {
                slice?.append(line)
            }
        }
        return nil
    }

    @Test(arguments: DocumentationPages.guides)
    func `each block of Swift that names a slice is that slice`(page: String) throws {
        var text = try Repository.text(page)
        let mentions = text.components(separatedBy: "<!-- Snippets/").count - 1
        let references = Self.references(in: text)
        #expect(references.count == mentions, "a slice is named, and no block of Swift follows on the next line")
        for reference in references {
            let slice = try #require(
                try Self.slice(reference.slice, of: reference.file),
                "\(reference.file) has no slice \(reference.slice)")
            if DocumentationPages.areWritten {
                let new = "<!-- \(reference.file): \(reference.slice) -->\n```swift\n\(slice)```\n"
                text = text.replacing(reference.text, with: new)
            } else {
                #expect(
                    reference.block == slice,
                    "\(page): run LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter SnippetTests")
            }
        }
        if DocumentationPages.areWritten {
            try text.write(toFile: Repository.root + "/" + page, atomically: true, encoding: .utf8)
        }
    }

    @Test(arguments: DocumentationPages.guides)
    func `each other block of Swift is a run of lines of a snippet`(page: String) throws {
        let snippets = try Repository.files(in: "Snippets", withExtension: "swift").map { file in
            Self.lines(try Repository.text(file))
                .filter { !$0.drop { $0 == " " }.hasPrefix("// snippet.") }.joined(separator: "\n")
        }
        var text = try Repository.text(page)
        for reference in Self.references(in: text) { text = text.replacing(reference.text, with: "") }
        for part in text.components(separatedBy: "```swift\n").dropFirst() {
            let block = "\n" + (part.components(separatedBy: "\n```").first ?? "") + "\n"
            #expect(snippets.contains { ("\n" + $0).contains(block) }, "in no file of Snippets:\(block)")
        }
    }

    @Test func `no slice of a snippet is without a page`() throws {
        let shown = try DocumentationPages.guides.flatMap { Self.references(in: try Repository.text($0)) }
        for file in Repository.files(in: "Snippets", withExtension: "swift") {
            for slice in try Repository.text(file).matches(of: /\/\/ snippet\.(\w+)/) where slice.1 != "end" {
                #expect(shown.contains { $0.file == file && $0.slice == slice.1 }, "\(file) \(slice.1)")
            }
        }
    }
}
