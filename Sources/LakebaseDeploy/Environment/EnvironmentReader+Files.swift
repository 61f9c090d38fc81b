//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files of an app in the workspace.
extension EnvironmentReader {
    /// Reads the folder of an app: its files, and the record of the last deployment.
    func folder(_ path: String) async throws -> WorkspaceFolder {
        let list = try await Self.ifFound { () async throws(DatabricksError) in
            try await self.workspace.workspace.list(path)
        }
        guard let list else { return WorkspaceFolder() }
        var folder = WorkspaceFolder(isThere: true)
        if list.contains(where: { Self.name($0) == "record.json" }) {
            let bytes = try await Self.ifFound { () async throws(DatabricksError) in
                try await self.workspace.workspace.download("\(path)/record.json")
            }
            // When the record cannot be read, every file is uploaded again.
            folder.record =
                bytes.flatMap { try? JSONDecoder().decode(WorkspaceFolder.Record.self, from: $0) } ?? .init()
        }
        folder.files = try await self.files(below: "\(path)/source")
        return folder
    }

    /// Lists the files below a folder by their path from there; none when the folder does not exist.
    func files(below root: String) async throws -> [String: WorkspaceFolder.File] {
        var files: [String: WorkspaceFolder.File] = [:]
        var folders = [""]
        while let folder = folders.popLast() {
            let path = folder.isEmpty ? root : "\(root)/\(folder)"
            let list = try await Self.ifFound { () async throws(DatabricksError) in
                try await self.workspace.workspace.list(path)
            }
            for object in list ?? [] {
                guard let name = Self.name(object) else { continue }
                let place = folder.isEmpty ? name : "\(folder)/\(name)"
                if object.objectType == .directory {
                    folders.append(place)
                } else {
                    files[place] = .init(size: object.size, modifiedAt: object.modifiedAt)
                }
            }
        }
        return files
    }

    private static func name(_ object: Workspace.ObjectInfo) -> String? {
        object.path?.splitExactly(at: "/").last.map(String.init)
    }
}
