//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BenchmarkSupport
import Foundation

/// A database test: a path, and what a right answer is.
enum WebTest: CaseIterable {
    case oneRow
    case rows
    case fortunes
    case updates

    var title: String {
        switch self {
        case .oneRow: "one row"
        case .rows: "20 rows by 20 queries"
        case .fortunes: "fortunes: 12 rows as HTML, sorted and escaped"
        case .updates: "20 rows by 20 queries, and 20 updates"
        }
    }

    var path: String {
        switch self {
        case .oneRow: "/db"
        case .rows: "/queries?queries=20"
        case .fortunes: "/fortunes"
        case .updates: "/updates?queries=20"
        }
    }

    /// Whether there is a route that sends several statements at once.
    var hasPipeline: Bool { self == .rows || self == .updates }

    /// Checks one answer of a server.
    func check(_ server: WebServer, _ database: WebDatabase, _ prefix: String) async throws {
        let answer = try await server.get(prefix + self.path)
        func require(_ condition: Bool, _ what: String) throws {
            guard !condition else { return }
            throw ProgramFailure(
                program: "\(server.name), \(prefix)\(self.path)", output: "\(what)\n\(answer.status) \(answer.body)")
        }
        try require(answer.status == 200, "the status is wrong")
        let type = self == .fortunes ? "text/html; charset=utf-8" : "application/json"
        try require(answer.head.contains("content-type: \(type)"), "the content type is not \(type)")
        switch self {
        case .fortunes:
            try require(answer.body == WebDatabase.page, "the page is not as it should be: \(WebDatabase.page)")
        case .oneRow, .rows, .updates:
            let data = Data(answer.body.utf8)
            let rows =
                self == .oneRow
                ? [try JSONDecoder().decode(JSONWorld.self, from: data)]
                : try JSONDecoder().decode([JSONWorld].self, from: data)
            try require(Set(rows.map(\.id)).count == (self == .oneRow ? 1 : 20), "the number of rows is wrong")
            // For updates, this is whether they can be seen.
            let stored = try await database.randomNumbers(rows.map(\.id))
            try require(stored == rows.map(\.randomNumber), "the database has other values: \(stored)")
        }
    }

    private struct JSONWorld: Decodable {
        var id: Int32
        var randomNumber: Int32
    }
}
