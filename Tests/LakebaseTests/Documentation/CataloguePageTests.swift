//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import Lakebase

/// The page of the catalogue is made from the catalogue.
///
/// To write it anew after a change: `LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter CataloguePageTests`
@Suite("The page of the catalogue of errors")
struct CataloguePageTests {
    /// What is below this line is made; what is above is written.
    private static let marker = "<!-- The rest is made from the catalogue by CataloguePageTests. -->\n"
    private static let page = Repository.root + "/Sources/Lakebase/Documentation.docc/Errors.md"

    private static let topics = [
        ("1", "Configuration and target"), ("2", "The workspace and minting"), ("3", "Logging in"),
        ("4", "Connecting"), ("5", "The pool"), ("6", "Statements"),
    ]

    private static func rendered() -> String {
        var text = ""
        for (digit, topic) in self.topics {
            text += "\n### \(topic)\n"
            for problem in LakebaseProblem.catalogue where problem.id.hasPrefix("LB\(digit)") {
                text += "\n#### \(problem.id): \(problem.title)\n\n"
                text += "\(problem.cause)\n\n\(problem.remedy)\n"
                if let command = problem.command {
                    text += "\n```\(command.hasSuffix(";") ? "sql" : "sh")\n\(command)\n```\n"
                }
            }
        }
        return text
    }

    @Test func `it says what the catalogue says`() throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        let parts = page.components(separatedBy: Self.marker)
        try #require(parts.count == 2, "the page has no line \(Self.marker)")
        if ProcessInfo.processInfo.environment["LAKEBASE_WRITE_DOCUMENTATION"] == "1" {
            try (parts[0] + Self.marker + Self.rendered()).write(toFile: Self.page, atomically: true, encoding: .utf8)
            return
        }
        #expect(
            parts[1] == Self.rendered(),
            "run: LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter CataloguePageTests")
    }

    @Test func `ids are of one form, in order and not given twice`() {
        let ids = LakebaseProblem.catalogue.map(\.id)
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
        for id in ids {
            #expect(id.wholeMatch(of: /LB[1-6]\d\d/) != nil, "\(id)")
            #expect(LakebaseProblem.withID(id)?.id == id)
        }
        #expect(LakebaseProblem.withID("LB999") == nil)
    }

    @Test func `everything that is declared is in the catalogue`() throws {
        let folder = Repository.root + "/Sources/Lakebase/Errors/Catalogue"
        var declared: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            declared += text.matches(of: /"(LB\d{3})",/).map { String($0.1) }
        }
        #expect(declared.sorted() == LakebaseProblem.catalogue.map(\.id))
    }

    @Test(arguments: LakebaseProblem.catalogue)
    func `each entry has a title in passing, and cause and remedy in sentences`(problem: LakebaseProblem) {
        #expect(!problem.title.isEmpty && !problem.title.hasSuffix("."))
        #expect(problem.cause.hasSuffix(".") && problem.remedy.hasSuffix("."))
        #expect(problem.command?.contains("\n") != true)
    }
}
