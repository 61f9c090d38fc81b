//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LakebaseDeploy
import LakebaseSchema
import TestSupport
import Testing

@Suite("lakebase init as a process", .serialized)
struct InitTests {
    private static let root = #filePath.components(separatedBy: "/Tests/LakebaseCLITests/").first ?? "."

    private func initialize(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun.run("lakebase", ["init"] + arguments)
    }

    @Test func `what it writes is a package, a deployment and migrations`() async throws {
        let scratch = try Scratch()
        let folder = scratch.path + "/team notes"
        let run = try await self.initialize(folder, "--name", "team-notes")
        #expect(run.status == 0, "\(run.errors)")
        let made = run.output.split(separator: "\n").map(String.init)
        #expect(made.contains(folder + "/Package.swift") && made.contains(folder + "/.gitignore"))
        #expect(made.allSatisfy(FileManager.default.fileExists(atPath:)))

        let manifest = try await CommandRun.run(
            "/usr/bin/env", ["swift", "package", "--package-path", folder, "dump-package"], limit: .seconds(120))
        #expect(manifest.status == 0, "\(manifest.errors)")
        #expect(manifest.output.contains("\"team-notes\"") && manifest.output.contains("lakebase-swift"))

        let deployment = try Deployment.read(file: folder + "/deployment.yaml")
        #expect(deployment.environments.map(\.app.name) == ["team-notes-dev", "team-notes"])
        for environment in deployment.environments {
            #expect(
                environment.app.source == .swift(.init(product: "team-notes", package: folder)))
            #expect(environment.lakebase.schema == "team_notes")
            let migrations = try #require(environment.migrations)
            #expect(try MigrationFolder(path: migrations.folder).migrations().map(\.name) == ["create_messages"])
            _ = try environment.personal("bob")
        }
    }

    @Test func `it changes no file that is there`() async throws {
        let scratch = try Scratch()
        let own = try scratch.path(of: "Package.swift", text: "// mine\n")
        let refused = try await self.initialize(scratch.path, "--name", "notes")
        #expect(refused.status == 1 && refused.errors.contains("is not empty"), "\(refused.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["Package.swift"])

        let forced = try await self.initialize(scratch.path, "--name", "notes", "--force")
        #expect(forced.status == 0, "\(forced.errors)")
        #expect(forced.errors.contains("kept as it is: \(own)\n"))
        #expect(!forced.output.contains("Package.swift\n"))
        #expect(try scratch.text("Package.swift") == "// mine\n")
        let again = try await self.initialize(scratch.path, "--name", "notes", "--force")
        #expect(again.status == 0 && again.output.isEmpty)
    }

    @Test func `the program writes an app without the folder that it was built in`() async throws {
        let scratch = try Scratch()
        let program = scratch.path + "/lakebase"
        try ProgramFile.copy(CommandRun.folder.path + "/lakebase", to: program)
        let unknown = try await CommandRun.run(program, ["init", scratch.path + "/a"])
        #expect(unknown.status == 1 && unknown.errors.contains("--library-path DIR"), "\(unknown.errors)")
        for library in [["--library-path", Self.root], ["--library-url", "https://example.com/lakebase-swift.git"]] {
            let folder = scratch.path + "/" + library[0]
            let run = try await CommandRun.run(program, ["init", folder, "--name", "moved"] + library)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try String(contentsOfFile: folder + "/Package.swift", encoding: .utf8).contains("\"moved\""))
            #expect(FileManager.default.fileExists(atPath: folder + "/.gitignore"))
        }
    }

    @Test func `a repository that was just made is as good as an empty folder`() async throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.path + "/.git", withIntermediateDirectories: true)
        #expect(try await self.initialize(scratch.path, "--name", "notes").status == 0)
    }

    @Test func `bad input is named with its remedy`() async throws {
        let scratch = try Scratch()
        let file = try scratch.path(of: "file", text: "")
        let isFile = try await self.initialize(file, "--name", "notes")
        #expect(isFile.status == 1 && isFile.errors.contains("is a file"), "\(isFile.errors)")
        let below = try await self.initialize(file + "/below", "--name", "notes")
        #expect(below.status == 1 && below.errors.contains("cannot make"), "\(below.errors)")
        let noLibrary = try await self.initialize(scratch.path + "/a", "--library-path", scratch.path)
        #expect(noLibrary.status == 1 && noLibrary.errors.contains("no checkout"), "\(noLibrary.errors)")
        let name = try await self.initialize(scratch.path + "/My_App")
        #expect(name.status == 64 && name.errors.contains("--name"), "\(name.errors)")
        let both = try await self.initialize(scratch.path + "/a", "--library-path", "x", "--library-url", "y")
        #expect(both.status == 64)
        #expect(try await self.initialize().status == 64)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["file"])
        let help = try await self.initialize("--help")
        #expect(help.status == 0 && help.output.contains("EXAMPLES") && help.output.contains("EXIT STATUS"))
    }

    /// Takes minutes, since everything that the new package depends on is built; `LAKEBASE_TEST_INIT=1` asks for it.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LAKEBASE_TEST_INIT"] == "1"))
    func `the new package builds, and its tests pass`() async throws {
        let scratch = try Scratch()
        let folder = scratch.path + "/team-notes"
        #expect(try await self.initialize(folder, "--library-path", Self.root).status == 0)
        let pins = Self.root + "/Package.resolved"
        if FileManager.default.fileExists(atPath: pins) {
            try FileManager.default.copyItem(atPath: pins, toPath: folder + "/Package.resolved")
        }
        let test = try await CommandRun.run(
            "/usr/bin/env", ["swift", "test", "--package-path", folder], limit: .seconds(2400))
        #expect(test.status == 0, "\(test.output.suffix(4000))\(test.errors.suffix(4000))")
    }
}
