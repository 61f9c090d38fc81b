//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase

/// Checks what a role may do with the tables of its schemas, and with the sequences of their columns.
struct PrivilegeCheck: Sendable, Equatable {
    struct Table: Sendable, Equatable {
        var schema: String
        var name: String
        var owner: String
        /// The privileges that the role has, of SELECT, INSERT, UPDATE and DELETE.
        var privileges: Set<String>
        /// Sequences, quoted and with their schema, from which columns take defaults and which the role may not use.
        var closedSequences: [String] = []

        var quoted: String { "\(PQQuery.quoteIdentifier(self.schema)).\(PQQuery.quoteIdentifier(self.name))" }
    }

    var role: String
    var schemas: [String]
    var tables: [Table]

    var finding: CheckResult {
        let names = self.schemas.map { "\"\($0)\"" }.joined(separator: ", ")
        guard !self.tables.isEmpty else {
            return .ok("no tables yet in \(names.isEmpty ? "any schema of search_path" : names)")
        }
        let counts = ["SELECT", "INSERT", "UPDATE", "DELETE"].map { privilege in
            "\(privilege) on \(self.tables.count { $0.privileges.contains(privilege) })"
        }
        let summary = "of \(self.tables.count) tables in \(names): \(counts.joined(separator: ", "))"
        if let finding = self.sequenceFinding(summary) ?? self.tableFinding(summary) { return finding }
        return .ok(summary)
    }

    /// Reports an INSERT that is allowed and still fails, because its sequence may not be used.
    private func sequenceFinding(_ summary: String) -> CheckResult? {
        let hit = self.tables.filter { $0.privileges.contains("INSERT") && !$0.closedSequences.isEmpty }
        guard let table = hit.first, let sequence = table.closedSequences.first else { return nil }
        let others = hit.flatMap { table in table.closedSequences.map { (table, $0) } }.dropFirst()
        return .problem(
            .failure, .sequencePrivilegeMissing,
            "\"\(self.role)\" lacks USAGE on the sequence \(sequence), from which a column of \(table.quoted) takes its "
                + "default: INSERT will end with \"permission denied for sequence\"",
            evidence: [summary] + others.prefix(10).map { "also: \($0.1), used by \($0.0.quoted)" },
            remedy: "have the privilege granted, also by default for sequences to come",
            command: others.isEmpty
                ? "GRANT USAGE ON SEQUENCE \(sequence) TO \(PQQuery.quoteIdentifier(self.role));"
                : "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \(PQQuery.quoteIdentifier(table.schema)) TO "
                    + "\(PQQuery.quoteIdentifier(self.role));",
            requiredRole: "\"\(table.owner)\", who owns the table, or a member of that role")
    }

    private func tableFinding(_ summary: String) -> CheckResult? {
        let closed = self.tables.filter(\.privileges.isEmpty)
        guard let first = closed.first else { return nil }
        return .problem(
            .warning, .tablePrivilegeMissing,
            "\"\(self.role)\" may do nothing with \(closed.count) of \(self.tables.count) tables, such as \(first.quoted)",
            evidence: [summary] + closed.dropFirst().prefix(10).map { "also: \($0.quoted) of \"\($0.owner)\"" },
            remedy: "have the privileges granted that the application needs",
            command:
                "GRANT SELECT, INSERT, UPDATE, DELETE ON \(first.quoted) TO \(PQQuery.quoteIdentifier(self.role));",
            requiredRole: "\"\(first.owner)\", who owns it, or a member of that role")
    }
}
