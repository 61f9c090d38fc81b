//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("lakebase dev extensions") struct ExtensionsTests {
    private struct Report: Decodable {
        struct Entry: Decodable {
            var name: String
            var state: String
            var version: String?
            var package: String?
        }
        struct Server: Decodable { var version: String }
        var server: Server
        var extensions: [Entry]
    }

    @Test("it lists what the service has, what is here and what brings the rest, and starts nothing")
    func extensions() async throws {
        let people = try await CommandRun.run("lakebase", ["dev", "extensions"])
        #expect(people.status == 0 && people.output.hasPrefix("PostgreSQL "), "\(people.output)\(people.errors)")
        let json = try await CommandRun.run("lakebase", ["dev", "extensions", "--json"])
        let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
        for name in ["citext", "databricks_auth", "pg_stat_statements"] {
            let entry = try #require(report.extensions.first { $0.name == name })
            #expect(entry.state == "available" && entry.version != nil, "\(name)")
            #expect(people.output.contains("  \(name) "))
        }
        #expect(report.extensions.contains { $0.name == "vector" && ($0.state == "available" || $0.package != nil) })
        let nowhere = try await CommandRun.run("lakebase", ["dev", "extensions", "--postgres", "/nowhere"])
        #expect(nowhere.status == 1 && nowhere.errors.contains("/nowhere"), "\(nowhere.errors)")
    }
}
