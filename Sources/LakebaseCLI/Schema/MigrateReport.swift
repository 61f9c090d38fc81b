//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseSchema

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The output of `lakebase migrate`.
enum MigrateReport {
    private struct Line: Encodable {
        var version: Int64
        var name: String
        var state: String
        var file: String?
        var startedAt: Date?
        var finishedAt: Date?
        var appliedBy: String?
    }

    static func tell(_ report: Migrator.Report, _ verb: String, nothing: String) {
        for migration in report.migrations { Terminal.output("\(verb)  \(migration.source)") }
        if report.migrations.isEmpty {
            Terminal.output(nothing)
        } else {
            Terminal.output("\(report.migrations.count) \(verb), as \(report.owner).")
        }
    }

    static func text(_ plan: MigrationPlan) -> String {
        guard !plan.entries.isEmpty else { return "There are no migrations." }
        let width = plan.entries.map(\.state.words.count).max() ?? 0
        return plan.entries.map { entry in
            let state = entry.state.words + String(repeating: " ", count: width - entry.state.words.count)
            var line = "\(state)  \(entry.source ?? "\(entry.version)_\(entry.name)")"
            if let applied = entry.applied {
                line += "  \(applied.startedAt.formatted(.iso8601)) by \(applied.appliedBy)"
            }
            return line
        }.joined(separator: "\n")
    }

    static func json(_ plan: MigrationPlan) throws -> String {
        let lines = plan.entries.map { entry in
            Line(
                version: entry.version, name: entry.name, state: entry.state.rawValue, file: entry.source,
                startedAt: entry.applied?.startedAt, finishedAt: entry.applied?.finishedAt,
                appliedBy: entry.applied?.appliedBy)
        }
        return try ReportText.json(lines)
    }
}

extension MigrationPlan.State {
    /// The state as text.
    var words: String {
        switch self {
        case .applied: "applied"
        case .pending: "pending"
        case .edited: "edited after it ran"
        case .missing: "ran, file missing"
        case .unfinished: "stopped half-way"
        case .outOfOrder: "older than one that ran"
        }
    }
}
