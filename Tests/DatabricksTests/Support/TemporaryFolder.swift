//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import TestSupport

/// A folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        self.path = NSTemporaryDirectory() + "databricks-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// Writes a file, and the folders above it; returns its path.
    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let path = "\(self.path)/\(name)"
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(self.path)/\(name)")), as: UTF8.self)
    }

    func mode(_ name: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }
}

/// A `databricks` program that does as a test says, and keeps the arguments it was started with.
struct FakeProgram {
    let folder: TemporaryFolder
    let path: String

    /// - Parameters:
    ///   - version: What `databricks version` says.
    ///   - token: A shell command for `databricks auth token`.
    init(version: String = "1.13.0", token: String) throws {
        self.folder = try TemporaryFolder()
        let numbers = version.split(separator: ".")
        self.path = self.folder.path + "/databricks"
        try ProgramFile.write(
            """
            #!/bin/sh
            echo "$@" >> "\(self.folder.path)/calls"
            if [ "$1" = version ]; then
              echo '{"Major":\(numbers[0]),"Minor":\(numbers[1]),"Patch":\(numbers[2])}'
              exit 0
            fi
            \(token)
            """, to: self.path)
    }

    var calls: [String] {
        ((try? self.folder.read("calls")) ?? "").split(separator: "\n").map(String.init)
    }

    /// A command that prints a token.
    static func printing(_ token: String, expiry: String = "2999-01-01T00:00:00.123456789Z") -> String {
        #"echo '{"access_token":"\#(token)","token_type":"Bearer","expiry":"\#(expiry)"}'"#
    }
}
