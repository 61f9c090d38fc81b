//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalWorkspace

/// Folders, files and notebooks.
extension WorkspaceServices {
    /// Answers a request for `/api/2.0/workspace` or a path below it.
    func file(_ path: [String], _ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        func place(_ text: String?) throws -> WorkspacePath {
            let path = try WorkspacePath(text ?? "")
            try self.requireFiles(path, for: identity)
            return path
        }
        guard path.count == 1 else { throw APIFailure.unknownAPI(request) }
        switch (request.method, path[0]) {
        case ("POST", "mkdirs"):
            let wanted = try ControlPlane.decode(Workspace.MakeDirectoriesRequest.self, from: request.body)
            try await self.files.makeFolders(place(wanted.path))
        case ("POST", "import"):
            let wanted = try WorkspaceImport(request.body)
            let target = try wanted.target()
            try self.requireFiles(target.path, for: identity)
            try await self.files.write(
                wanted.request.content ?? Data(), to: target.path, language: target.language,
                overwrite: wanted.request.overwrite ?? false)
        case ("POST", "delete"):
            let wanted = try ControlPlane.decode(Workspace.DeleteRequest.self, from: request.body)
            try await self.files.delete(place(wanted.path), recursive: wanted.recursive ?? false)
        case ("GET", "get-status"): return .json(try await self.files.status(place(request.query["path"])))
        case ("GET", "list"):
            let objects = try await self.files.list(place(request.query["path"]))
            return .json(Workspace.ListResponse(objects: objects.isEmpty ? nil : objects))
        case ("GET", "export"): return try await self.export(try place(request.query["path"]), request)
        default: throw APIFailure.unknownAPI(request)
        }
        return Self.nothing
    }

    /// Answers a request for `/api/2.0/workspace-files/import-file` or a path below it.
    ///
    /// A file that is the source of a notebook becomes one, without its extension.
    func upload(_ path: String, _ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        guard request.method == "POST" else { throw APIFailure.unknownAPI(request) }
        let place = try WorkspacePath(path)
        try self.requireFiles(place, for: identity)
        do {
            let language = NotebookSource.language(of: place.name, content: request.body)
            try await self.files.write(
                request.body, to: language == nil ? place : place.withoutExtension, language: language,
                overwrite: request.query["overwrite"] == "true")
        } catch let failure as APIFailure where failure.code == "RESOURCE_ALREADY_EXISTS" {
            throw APIFailure(409, "RESOURCE_ALREADY_EXISTS", "File already exists at (\(path)).")
        }
        return Self.nothing
    }

    private func export(_ path: WorkspacePath, _ request: APIRequest) async throws -> APIResponse {
        let format = Workspace.ExportFormat(rawValue: request.query["format"] ?? "SOURCE")
        guard [.auto, .source, .raw].contains(format) else {
            throw APIFailure.invalid("The local workspace does not convert to the format \(format).")
        }
        let (content, info) = try await self.files.read(path)
        if request.query["direct_download"] == "true" {
            return APIResponse(status: 200, headers: [("Content-Type", "application/octet-stream")], body: content)
        }
        return .json(Workspace.ExportResponse(content: content, fileType: Self.fileType(path, info)))
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
