//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Folders, files and notebooks of the workspace.
///
/// Paths are absolute, such as `/Workspace/Users/a@example.com/notes`. Source: the Workspace API
/// (`/api/2.0/workspace`).
public struct WorkspaceAPI: Sendable {
    static let root = "/api/2.0/workspace"

    let client: APIClient

    /// Creates a folder and its parents, unless it exists.
    ///
    /// - Throws: `conflict` when a file is in the way.
    public func mkdirs(_ path: String) async throws(DatabricksError) {
        let _: AnyAnswer = try await self.client.call(
            .post, Self.root + "/mkdirs", body: Workspace.MakeDirectoriesRequest(path: path), isRepeatable: true)
    }

    /// Writes a file or notebook.
    ///
    /// - Parameters:
    ///   - content: At most 10 MB; see ``upload(_:to:overwrite:)`` for more.
    ///   - path: Where to. The folder has to be there.
    ///   - format: What the content is; with ``Workspace/ImportFormat/auto`` a file that begins as a notebook becomes
    ///     one and loses its extension.
    ///   - language: The language, for the source of a notebook.
    ///   - overwrite: Whether to replace an existing file.
    /// - Throws: `conflict` when there is one and it may not; `notFound` without the folder.
    public func `import`(
        _ content: Data,
        to path: String,
        format: Workspace.ImportFormat = .auto,
        language: Workspace.Language? = nil,
        overwrite: Bool = false
    ) async throws(DatabricksError) {
        let request = Workspace.ImportRequest(
            path: path, format: format, language: language, overwrite: overwrite ? true : nil, content: content)
        let _: AnyAnswer = try await self.client.call(
            .post, Self.root + "/import", body: request, isRepeatable: overwrite)
    }

    /// Writes a file unchanged, whatever its size and content.
    ///
    /// One attempt has to fit into the client's ``RetryPolicy/attemptLimit``. Source: what the Databricks command line
    /// sends.
    ///
    /// - Parameters:
    ///   - content: The content.
    ///   - path: Where to. The folder has to be there.
    ///   - overwrite: Whether to replace an existing file.
    /// - Throws: `conflict` when there is one and it may not; `notFound` without the folder.
    public func upload(_ content: Data, to path: String, overwrite: Bool = false) async throws(DatabricksError) {
        let name = path.hasPrefix("/") ? String(path.dropFirst()) : path
        _ = try await self.client.exchange(
            .post, "/api/2.0/workspace-files/import-file/\(APIClient.path(ofName: name))",
            query: Query.fields(("overwrite", overwrite)), bytes: Array(content), type: "application/octet-stream",
            isRepeatable: overwrite)
    }

    /// The content of a file or notebook, with the extension that fits it.
    ///
    /// - Throws: `notFound` when there is none.
    public func export(_ path: String, format: Workspace.ExportFormat? = nil) async throws(DatabricksError)
        -> Workspace.ExportResponse
    {
        try await self.client.call(
            .get, Self.root + "/export", query: Query.fields(("path", path), ("format", format)))
    }

    /// The unchanged content of a file or notebook, at most 16 MiB.
    ///
    /// - Throws: `notFound` when there is none.
    public func download(_ path: String, format: Workspace.ExportFormat? = nil) async throws(DatabricksError) -> Data {
        let query = Query.fields(("path", path), ("format", format), ("direct_download", true))
        let answer = try await self.client.exchange(
            .get, Self.root + "/export", query: query, bytes: nil, isRepeatable: true)
        return Data(answer.body)
    }

    /// The kind and facts of the object at a path.
    ///
    /// - Throws: `notFound` when there is nothing.
    public func getStatus(_ path: String) async throws(DatabricksError) -> Workspace.ObjectInfo {
        try await self.client.call(.get, Self.root + "/get-status", query: [("path", path)])
    }

    /// The content of a folder, in one piece.
    ///
    /// - Throws: `notFound` when there is no such folder.
    public func list(_ path: String) async throws(DatabricksError) -> [Workspace.ObjectInfo] {
        let answer: Workspace.ListResponse = try await self.client.call(
            .get, Self.root + "/list", query: [("path", path)])
        return answer.objects ?? []
    }

    /// Deletes a file, notebook or folder.
    ///
    /// - Parameters:
    ///   - path: What.
    ///   - recursive: Whether a folder goes with its content. Without it, a folder that is not empty is kept; with it,
    ///     the part that was deleted before a failure is lost.
    public func delete(_ path: String, recursive: Bool = false) async throws(DatabricksError) {
        let request = Workspace.DeleteRequest(path: path, recursive: recursive ? true : nil)
        let _: AnyAnswer = try await self.client.call(
            .post, Self.root + "/delete", body: request, isRepeatable: false)
    }
}
