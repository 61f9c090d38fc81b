//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import Foundation
import StrictYAML
import Testing

@testable import LakebaseDeploy

/// The page of the documentation and the schema for editors are made from the table that the reader has.
///
/// To write them anew after a change: `LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter DeploymentPageTests`
@Suite("What is made from the table of keys")
struct DeploymentPageTests {
    private static let root = #filePath.components(separatedBy: "/Tests/LakebaseDeployTests/").first ?? "."
    private static let page = Self.root + "/Sources/LakebaseDeploy/Documentation.docc/DeploymentFile.md"
    private static let schema = Self.root + "/deployment.schema.json"
    private static let marker = "<!-- The rest is made from DeploymentShape by DeploymentPageTests. -->\n"
    private static let remedy = "run: LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter DeploymentPageTests"
    private static let writes = ProcessInfo.processInfo.environment["LAKEBASE_WRITE_DOCUMENTATION"] == "1"

    @Test func `the page has every key as the reader has it`() throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        let parts = page.components(separatedBy: Self.marker)
        try #require(parts.count == 2, "the page has no line \(Self.marker)")
        if Self.writes {
            let text = parts[0] + Self.marker + DeploymentShape.page()
            return try text.write(toFile: Self.page, atomically: true, encoding: .utf8)
        }
        #expect(parts[1] == DeploymentShape.page(), "\(Self.remedy)")
    }

    @Test func `the schema for editors is that of the reader`() throws {
        if Self.writes {
            return try DeploymentShape.jsonSchema().write(toFile: Self.schema, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOfFile: Self.schema, encoding: .utf8) == DeploymentShape.jsonSchema(), "\(Self.remedy)")
    }

    @Test func `the example of the page is read`() throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        let example = try #require(page.components(separatedBy: "```yaml\n").dropFirst().first)
        let text = try #require(example.components(separatedBy: "```").first)
        let deployment = try Deployment.read(text.utf8, file: "deployment.yaml", folder: "/notes")
        #expect(deployment.environments.map(\.app.name) == ["notes-dev", "notes"])
        #expect(deployment.environments.map { $0.migrations?.folder } == ["/notes/migrations", "/notes/migrations"])
    }

    @Test func `every pattern of the table compiles, and every key is explained`() throws {
        var patterns: [String] = []
        var keys: [YAMLKey] = []
        Self.walk(.object(DeploymentShape.file), &patterns, &keys)
        Self.walk(AppManifest.shape, &patterns, &keys)
        #expect(patterns.count > 20 && keys.count > 40)
        for pattern in Set(patterns) { #expect(throws: Never.self) { try Regex(pattern) } }
        for key in keys { #expect(key.summary.hasSuffix("."), "\(key.name)") }
    }

    private static func walk(_ shape: YAMLShape, _ patterns: inout [String], _ keys: inout [YAMLKey]) {
        switch shape {
        case .text(let rule), .anyScalar(let rule): patterns += [rule.pattern].compactMap { $0 }
        case .boolean, .number, .choice: break
        case .list(let shape): self.walk(shape, &patterns, &keys)
        case .named(let rule, let shape):
            patterns += [rule.pattern].compactMap { $0 }
            self.walk(shape, &patterns, &keys)
        case .object(let object):
            keys += object.keys
            for key in object.keys { self.walk(key.shape, &patterns, &keys) }
        case .variants(_, let variants):
            for variant in variants { self.walk(.object(variant.object), &patterns, &keys) }
        case .either(let shapes):
            for shape in shapes { self.walk(shape, &patterns, &keys) }
        }
    }
}
