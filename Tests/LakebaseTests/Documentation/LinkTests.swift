//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// Links in the repository lead somewhere.
///
/// `script/docs` turns them into links of the site, and checks those.
@Suite("Links in the documentation")
struct LinkTests {
    private struct Link {
        var path: String
        var anchor: String?
    }

    private static func links(in page: String) throws -> [Link] {
        try DocumentationPages.prose(Repository.text(page)).matches(of: /\]\(([^()\s]+)\)/).compactMap { match in
            let target = String(match.1)
            if target.wholeMatch(of: /(?:https?|mailto):.*/) != nil { return nil }
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            return Link(path: String(parts[0]), anchor: parts.count > 1 ? String(parts[1]) : nil)
        }
    }

    /// The path from the root of the repository.
    private static func resolve(_ path: String, from page: String) -> String {
        if path.isEmpty { return page }
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in path.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    @Test(arguments: DocumentationPages.all)
    func `each relative link leads to a file, and its anchor to a heading`(page: String) throws {
        for link in try Self.links(in: page) {
            let target = Self.resolve(link.path, from: page)
            let isThere = FileManager.default.fileExists(atPath: Repository.root + "/" + target)
            #expect(isThere, "\(page) links to \(link.path), which is not there")
            guard let anchor = link.anchor, isThere else { continue }
            #expect(
                DocumentationPages.anchors(in: try Repository.text(target)).contains(anchor),
                "\(page) links to #\(anchor), and \(target) has no such heading")
        }
    }

    @Test(arguments: DocumentationPages.all)
    func `no page uses what only DocC renders`(page: String) throws {
        let prose = DocumentationPages.prose(try Repository.text(page))
        for directive in ["@Snippet(", "<doc:", "](doc:", "@Metadata", "@Links", "@Row", "@TabNavigator"] {
            #expect(!prose.contains(directive), "\(page) has \(directive), which a code host shows as text")
        }
    }

    @Test(arguments: DocumentationPages.guides.filter { $0.contains(".docc/") })
    func `each guide is listed by the page of its module`(page: String) throws {
        let parts = page.split(separator: "/")
        let module = parts[1]
        guard parts.last != "\(module).md" else { return }
        let listed = try Self.links(in: "Sources/\(module)/Documentation.docc/\(module).md").map(\.path)
        #expect(listed.contains(String(parts.last ?? "")), "\(module).md does not link to \(page)")
    }

    @Test func `anchors are those of a code host`() {
        let text = "# ``Lakebase``\n\n## What `a` does, and why\n```\n# not a heading\n```\n"
        #expect(DocumentationPages.anchors(in: text) == ["lakebase", "what-a-does-and-why"])
    }

    @Test func `a link in code is none`() {
        #expect(!DocumentationPages.prose("`[a](b.md)`\n```\n[c](d.md)\n```\n").contains("]("))
    }
}
