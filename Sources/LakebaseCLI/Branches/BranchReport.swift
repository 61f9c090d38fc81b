//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// A branch with its endpoints, as text and as JSON.
struct BranchReport: Encodable, Sendable {
    struct Endpoint: Encodable, Sendable {
        var name: String?
        var type: String?
        var state: String?
        var host: String?
    }

    var name: String
    var id: String
    var state: String?
    var isDefault: Bool
    var isProtected: Bool
    var sourceBranch: String?
    var createTime: Date?
    var expireTime: Date?
    var logicalSizeBytes: Int64?
    var endpoints: [Endpoint]

    /// Asks for the branch's endpoints.
    init(_ branch: Postgres.Branch, _ api: PostgresAPI) async throws {
        self.init(branch)
        self.endpoints = try await api.listEndpoints(parent: self.name).all().map { endpoint in
            Endpoint(
                name: endpoint.name, type: endpoint.status?.endpointType?.rawValue,
                state: (endpoint.status?.pendingState ?? endpoint.status?.currentState)?.rawValue,
                host: endpoint.status?.hosts?.host)
        }
    }

    init(_ branch: Postgres.Branch) {
        self.name = branch.name ?? ""
        self.id = branch.id ?? ""
        self.state = (branch.status?.pendingState ?? branch.status?.currentState)?.rawValue
        self.isDefault = branch.status?.isDefault ?? false
        self.isProtected = branch.status?.isProtected ?? false
        self.sourceBranch = branch.status?.sourceBranch
        self.createTime = branch.createTime
        self.expireTime = branch.status?.expireTime
        self.logicalSizeBytes = branch.status?.logicalSizeBytes
        self.endpoints = []
    }

    // MARK: For programs

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(RFC3339.string(from: date))
        }
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    // MARK: For people

    /// A line for each, the default branch first.
    static func table(_ branches: [BranchReport], now: Date) -> String {
        var lines = [["BRANCH", "STATE", "PARENT", "AGE", "EXPIRES", "ENDPOINT"]]
        lines += branches.sorted { ($0.isDefault ? 0 : 1, $0.id) < ($1.isDefault ? 0 : 1, $1.id) }.map { $0.row(now) }
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            var line = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    private func row(_ now: Date) -> [String] {
        let marks = (self.isDefault ? ["default"] : []) + (self.isProtected ? ["protected"] : [])
        let endpoint =
            self.endpoints.first { $0.type == Postgres.EndpointType.readWrite.rawValue } ?? self.endpoints.first
        return [
            marks.isEmpty ? self.id : "\(self.id) (\(marks.joined(separator: ", ")))",
            self.state?.lowercased() ?? "-",
            self.sourceBranch?.split(separator: "/").last.map(String.init) ?? "-",
            self.createTime.map { Self.span($0, now) } ?? "-",
            self.expireTime.map { $0 <= now ? "now" : "in \(Self.span(now, $0))" } ?? "never",
            endpoint.map { "\($0.state?.lowercased() ?? "-")\($0.host.map { " \($0)" } ?? "")" } ?? "none",
        ]
    }

    /// Facts, one a line.
    func text(_ now: Date) -> String {
        let facts: [(String, String?)] = [
            ("branch", self.name), ("state", self.state?.lowercased()), ("default", self.isDefault ? "yes" : "no"),
            ("protected", self.isProtected ? "yes" : "no"), ("parent", self.sourceBranch),
            ("made", self.createTime.map { "\(RFC3339.string(from: $0)), \(Self.span($0, now)) ago" }),
            ("expires", self.expireTime.map { RFC3339.string(from: $0) } ?? "never"),
            ("size", self.logicalSizeBytes.map { "\(Int64((Double($0) / 1_000_000).rounded())) MB" }),
        ]
        var lines = facts.compactMap { name, value in value.map { Self.line(name, $0) } }
        for endpoint in self.endpoints {
            let facts = [endpoint.name, endpoint.state?.lowercased(), endpoint.host].compactMap { $0 }
            lines.append(Self.line("endpoint", facts.joined(separator: ", ")))
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 11 - name.count)) + value
    }

    /// A length of time in its largest unit: `5m`, `3h`, `12d`.
    static func span(_ from: Date, _ to: Date) -> String {
        let seconds = Int64(max(0, min(to.timeIntervalSince(from), 1e12)).rounded())
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m" }
        if seconds < 86_400 { return "\(seconds / 3600)h" }
        return "\(seconds / 86_400)d"
    }
}
