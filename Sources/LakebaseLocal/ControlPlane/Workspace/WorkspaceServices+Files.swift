//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// Folders, files and notebooks.
extension WorkspaceServices {
    /// Below `/api/2.0/workspace`.
    func file(_ path: [String], _ request: APIRequest) async throws -> APIResponse {
        guard path.count == 1 else { throw Self.unknown(request) }
        switch (request.method, path[0]) {
        case ("POST", "mkdirs"):
            let wanted = try ControlPlane.decode(Workspace.MakeDirectoriesRequest.self, from: request.body)
            try await self.files.makeFolders(WorkspacePath(wanted.path ?? ""))
        case ("POST", "import"):
            let wanted = try WorkspaceImport(request.body)
            let target = try wanted.target()
            try await self.files.write(
                wanted.request.content ?? Data(), to: target.path, language: target.language,
                overwrite: wanted.request.overwrite ?? false)
        case ("POST", "delete"):
            let wanted = try ControlPlane.decode(Workspace.DeleteRequest.self, from: request.body)
            try await self.files.delete(WorkspacePath(wanted.path ?? ""), recursive: wanted.recursive ?? false)
        case ("GET", "get-status"): return .json(try await self.files.status(Self.path(request)))
        case ("GET", "list"):
            let objects = try await self.files.list(Self.path(request))
            return .json(Workspace.ListResponse(objects: objects.isEmpty ? nil : objects))
        case ("GET", "export"): return try await self.export(request)
        default: throw Self.unknown(request)
        }
        return Self.nothing
    }

    /// Below `/api/2.0/workspace-files/import-file`.
    func upload(_ path: String, _ request: APIRequest) async throws -> APIResponse {
        guard request.method == "POST" else { throw Self.unknown(request) }
        do {
            try await self.files.write(
                request.body, to: WorkspacePath(path), language: nil, overwrite: request.query["overwrite"] == "true")
        } catch let failure as APIFailure where failure.code == "RESOURCE_ALREADY_EXISTS" {
            throw APIFailure(409, "RESOURCE_ALREADY_EXISTS", "File already exists at (\(path)).")
        }
        return Self.nothing
    }

    private func export(_ request: APIRequest) async throws -> APIResponse {
        let format = Workspace.ExportFormat(rawValue: request.query["format"] ?? "SOURCE")
        guard [.auto, .source, .raw].contains(format) else {
            throw APIFailure.invalid("The local workspace does not convert to the format \(format).")
        }
        let path = try Self.path(request)
        let (content, info) = try await self.files.read(path)
        if request.query["direct_download"] == "true" {
            return APIResponse(status: 200, headers: [("Content-Type", "application/octet-stream")], body: content)
        }
        return .json(Workspace.ExportResponse(content: content, fileType: Self.fileType(path, info)))
    }

    private static func path(_ request: APIRequest) throws -> WorkspacePath {
        try WorkspacePath(request.query["path"] ?? "")
    }

    private static func fileType(_ path: WorkspacePath, _ info: Workspace.ObjectInfo) -> String? {
        switch info.language {
        case .python?: "py"
        case .sql?: "sql"
        case .scala?: "scala"
        case .r?: "r"
        default: path.name.split(separator: ".").count > 1 ? path.name.split(separator: ".").last.map(String.init) : nil
        }
    }
}
