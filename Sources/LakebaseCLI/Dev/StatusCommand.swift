//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseLocal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `lakebase dev status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the projects, branches and endpoints of a running lakebase dev.",
        discussion: """
            Finds it by its data folder, or by the environment of lakebase dev: DATABRICKS_HOST with \
            DATABRICKS_TOKEN, or with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET.

            OPTIONS
              --data <dir>            The folder that was given to lakebase dev --data.
              --json                  Print one JSON object.

            EXAMPLES
              lakebase dev status --data .lakebase
              lakebase dev -- lakebase dev status
              lakebase dev status --data .lakebase --json | jq '.projects[].branches[].name'

            Exit status: 0, or 1 if no lakebase dev runs there.
            """
    )

    /// Has --data and --json, which are accepted in any position.
    @ParentCommand var dev: DevCommand

    func run() async throws {
        let status = try await self.fetch()
        Terminal.output(self.dev.json ? try Self.json(status) : StatusReport.text(status))
    }

    private func fetch() async throws -> LocalStatus {
        let running = try await RunningDev.find(data: self.dev.data, command: "status")
        let answer = try await running.get("/local/status")
        guard answer.status == 200, let status = try? LocalStatus.decoder.decode(LocalStatus.self, from: answer.body)
        else { throw running.unexpected(answer.status) }
        return status
    }

    private static func json(_ status: LocalStatus) throws -> String {
        let encoder = LocalStatus.encoder
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(status), as: UTF8.self)
    }
}

/// The status as text: a tree for each project.
enum StatusReport {
    static func text(_ status: LocalStatus) -> String {
        if status.projects.isEmpty { return "There are no projects." }
        return status.projects.map(Self.text).joined(separator: "\n\n")
    }

    private static func text(_ project: LocalStatus.Project) -> String {
        var lines = [project.name + (project.deleteTime == nil ? "" : " (deleted)")]
        let rows = project.branches.map(Self.row)
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
            var line = "  " + cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    /// The cells: name, size, state, address with sessions.
    private static func row(_ branch: LocalStatus.Branch) -> [String] {
        var name =
            String(repeating: "  ", count: branch.depth)
            + (branch.name.split(separator: "/").last.map(String.init) ?? "")
        var marks: [String] = []
        if branch.isDefault { marks.append("default") }
        if branch.isProtected { marks.append("protected") }
        if let end = branch.expireTime { marks.append("ends \(end.formatted(.iso8601))") }
        if !marks.isEmpty { name += " (\(marks.joined(separator: ", ")))" }
        let endpoint = branch.endpoints.first
        let state = branch.state == "READY" ? endpoint?.state ?? "" : branch.state.lowercased()
        var place = endpoint.map { $0.address.isEmpty ? "" : "\($0.address):\($0.port)" } ?? ""
        if let sessions = endpoint?.sessions, sessions > 0 {
            place += ", \(sessions) session\(sessions == 1 ? "" : "s")"
        }
        return [name, Self.size(branch.sizeBytes), state, place]
    }

    private static func size(_ bytes: Int64?) -> String {
        guard let bytes else { return "" }
        let megabytes = Double(bytes) / 1_000_000
        return megabytes < 1000 ? "\(Int(megabytes.rounded())) MB" : "\((megabytes / 100).rounded() / 10) GB"
    }
}
