//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// Calls `body` with a folder that has installations of PostgreSQL, which only say which version they are.
package func withServers(
    _ versions: [(folder: String, version: String)], _ body: (String) async throws -> Void
) async throws {
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
            try ProgramFile.write("#!/bin/sh\n\(text)\n", to: "\(bin)/\(name)")
        }
    }
    // Another user runs servers for root.
    try PrivateFile.setMode(root, 0o755)
    try await body(root)
}
