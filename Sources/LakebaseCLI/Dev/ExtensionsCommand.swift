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

/// `lakebase dev extensions`.
struct ExtensionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extensions",
        abstract: "List the extensions of the service, and which of them lakebase dev can create.",
        discussion: """
            Looks at the PostgreSQL that lakebase dev would run, and starts nothing. An extension whose files are \
            installed can be created as on the service, by a role that may create objects in the database. An \
            extension that is installed later is available from the next start of lakebase dev.

            OPTIONS
              --postgres <dir>        The folder with postgres and initdb, as for lakebase dev.
              --json                  Print one JSON object.

            EXAMPLES
              lakebase dev extensions
              lakebase dev extensions --json | jq -r '.extensions[] | select(.state == "missing") | .package // empty'

            Exit status: 0, or 1 if no PostgreSQL is installed.
            """
    )

    /// Has --postgres and --json, which are accepted in any position.
    @ParentCommand var dev: DevCommand

    func run() async throws {
        let extensions = try await LocalLakebase.extensions(postgresDirectories: self.dev.postgres)
        Terminal.output(self.dev.json ? try Self.json(extensions) : ExtensionsReport.text(extensions))
    }

    private static func json(_ extensions: LocalExtensions) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(extensions), as: UTF8.self)
    }
}

/// The extensions as text, one a line.
enum ExtensionsReport {
    static func text(_ report: LocalExtensions) -> String {
        let width = report.extensions.map(\.name.count).max() ?? 0
        let lines = report.extensions.map { one in
            let name = one.name + String(repeating: " ", count: width - one.name.count)
            return "  \(name)  \(Self.words(one))"
        }
        return (["PostgreSQL \(report.server.version) in \(report.server.folder)"] + lines).joined(separator: "\n")
    }

    private static func words(_ one: LocalExtensions.Extension) -> String {
        let note = one.note.map { " (\($0))" } ?? ""
        switch one.state {
        case .available: return (one.version ?? "here") + note
        case .restricted: return "installed, cannot be created\(note)"
        case .missing: return one.package.map { "missing: install \($0)" } ?? "missing\(note)"
        }
    }
}
