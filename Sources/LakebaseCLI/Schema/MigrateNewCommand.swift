//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase migrate new`.
struct MigrateNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Create the files of a new migration.",
        discussion: """
            EXAMPLES
              lakebase migrate new create notes
              lakebase migrate new --folder db/migrations create notes

            Exit status: 0, or 1 if the files cannot be written.
            """
    )

    @OptionGroup var folder: MigrationFolderOption

    @Argument(help: "The name: what the migration does, in a few words.")
    var name: [String]

    func run() throws {
        let paths = try MigrationFolder(path: self.folder.folder).create(name: self.name.joined(separator: " "))
        for path in paths { Terminal.output(path) }
    }
}
