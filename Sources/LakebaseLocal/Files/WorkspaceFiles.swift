//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The files of the workspace, as files of the same names in the data directory.
///
/// ```
/// files/      what the workspace shows
/// incoming/   files that are being written, moved to their place in one step
/// ```
///
/// Notebooks are files too; which of them are notebooks, and in which language, is in a document beside.
actor WorkspaceFiles {
    private static let document = "notebooks"

    private let root: String
    private let incoming: String
    private let documents: any DocumentStore
    /// The languages of notebooks by ``WorkspacePath/key``.
    private var notebooks: [ExactText: Workspace.Language]

    /// The folder for files that are being written; it is emptied at each start.
    static func incoming(below folder: String) -> String { folder + "/incoming" }

    /// Opens the files, and creates `/Shared` and the home folder of a user.
    init(folder: String, documents: any DocumentStore, home: String) throws {
        self.root = folder + "/files"
        self.incoming = Self.incoming(below: folder)
        self.documents = documents
        self.notebooks = try documents.load(Notebooks.self, named: Self.document)?.languages ?? [:]
        // What a killed process has not finished.
        try? FileManager.default.removeItem(atPath: self.incoming)
        for path in [self.root, self.incoming] { try PrivateFile.createDirectory(path, mode: 0o700) }
        for place in ["/Shared", "/Users", home] {
            if let path = try? WorkspacePath(place) {
                try PrivateFile.createDirectories(self.root + path.key, mode: 0o700)
            }
        }
    }

    /// The object at a path.
    func status(_ path: WorkspacePath) throws -> Workspace.ObjectInfo {
        guard let info = self.info(path) else { throw Self.missing(path) }
        return info
    }

    /// Whether there is a folder at a path.
    func isFolder(_ path: WorkspacePath) -> Bool { PrivateFile.isDirectory(self.place(path)) }

    /// The entries of a folder by name; for anything else, the object itself.
    func list(_ path: WorkspacePath) throws -> [Workspace.ObjectInfo] {
        guard self.isFolder(path) else { return [try self.status(path)] }
        return try FileManager.default.contentsOfDirectory(atPath: self.place(path)).sorted()
            .compactMap { self.info(path.child($0)) }
    }

    /// Creates a folder and its parents.
    func makeFolders(_ path: WorkspacePath) throws {
        var ancestor = path
        while !ancestor.isRoot {
            if let info = self.info(ancestor), info.objectType != .directory { throw Self.exists(ancestor) }
            ancestor = ancestor.parent
        }
        try PrivateFile.createDirectories(self.place(path), mode: 0o700)
    }

    /// Writes a file, or a notebook when there is a language.
    func write(_ content: Data, to path: WorkspacePath, language: Workspace.Language?, overwrite: Bool) throws {
        guard !path.isRoot, self.isFolder(path.parent) else {
            throw APIFailure(
                404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (\(path.parent.text)) does not exist.")
        }
        if let info = self.info(path), !overwrite || info.objectType == .directory { throw Self.exists(path) }
        let temporary = "\(self.incoming)/\(UUID().uuidString)"
        try PrivateFile.write(content, to: temporary)
        // Before the file is there: a note without a file does no harm.
        try self.note(path.key, language)
        guard rename(temporary, self.place(path)) == 0 else {
            throw PrivateFile.Failure(operation: "write", path: self.place(path), code: errno)
        }
    }

    /// The content of a file or notebook, and its facts.
    func read(_ path: WorkspacePath) throws -> (content: Data, info: Workspace.ObjectInfo) {
        let info = try self.status(path)
        guard info.objectType != .directory else {
            throw APIFailure.invalid("Path (\(path.text)) is a folder; the local workspace exports no folders.")
        }
        guard let content = FileManager.default.contents(atPath: self.place(path)) else { throw Self.missing(path) }
        return (content, info)
    }

    /// Copies a folder with its contents to a new folder outside of the workspace; a notebook gets its extension back.
    func copy(_ path: WorkspacePath, to folder: String) throws {
        try PrivateFile.createDirectory(folder, mode: 0o700)
        for object in try self.list(path) {
            guard let text = object.path else { continue }
            let child = try WorkspacePath(text)
            let target = "\(folder)/\(child.name)\(Self.fileExtension(object.language))"
            if object.objectType == .directory {
                try self.copy(child, to: target)
            } else {
                try FileManager.default.copyItem(atPath: self.place(child), toPath: target)
            }
        }
    }

    private static func fileExtension(_ language: Workspace.Language?) -> String {
        switch language {
        case .python?: ".py"
        case .sql?: ".sql"
        case .scala?: ".scala"
        case .r?: ".R"
        default: ""
        }
    }

    /// Deletes a file, notebook or folder.
    func delete(_ path: WorkspacePath, recursive: Bool) throws {
        guard !path.isRoot else { throw APIFailure.invalid("The root folder cannot be deleted.") }
        let info = try self.status(path)
        if info.objectType == .directory, !recursive, !(try self.list(path).isEmpty) {
            throw APIFailure(400, "DIRECTORY_NOT_EMPTY", "Folder (\(path.text)) is not empty")
        }
        try FileManager.default.removeItem(atPath: self.place(path))
        let kept = self.notebooks.filter { key, _ in
            !key.text.isExactly(path.key) && !key.text.startsExactly(with: path.key + "/")
        }
        if kept.count != self.notebooks.count { try self.keep(kept) }
    }

    private func place(_ path: WorkspacePath) -> String { path.isRoot ? self.root : self.root + path.key }

    private func info(_ path: WorkspacePath) -> Workspace.ObjectInfo? {
        guard let facts = try? FileManager.default.attributesOfItem(atPath: self.place(path)),
            let type = facts[.type] as? FileAttributeType
        else { return nil }
        if type == .typeDirectory {
            return Workspace.ObjectInfo(path: path.text, objectType: .directory, objectID: path.objectID)
        }
        guard type == .typeRegular, let size = facts[.size] as? Int64, let changed = facts[.modificationDate] as? Date
        else { return nil }
        // A file may claim any time.
        let milliseconds = Int64(exactly: (changed.timeIntervalSince1970 * 1_000).rounded(.down)) ?? 0
        let language = self.notebooks[ExactText(path.key)]
        return Workspace.ObjectInfo(
            path: path.text, objectType: language == nil ? .file : .notebook, objectID: path.objectID,
            language: language, size: language == nil ? size : nil, createdAt: milliseconds,
            modifiedAt: milliseconds, resourceID: String(path.objectID))
    }

    private func note(_ key: String, _ language: Workspace.Language?) throws {
        guard self.notebooks[ExactText(key)] != language else { return }
        var changed = self.notebooks
        changed[ExactText(key)] = language
        try self.keep(changed)
    }

    private func keep(_ notebooks: [ExactText: Workspace.Language]) throws {
        try self.documents.save(Notebooks(languages: notebooks), named: Self.document)
        self.notebooks = notebooks
    }

    private static func missing(_ path: WorkspacePath) -> APIFailure {
        APIFailure(404, "RESOURCE_DOES_NOT_EXIST", "Path (\(path.text)) doesn't exist.")
    }

    private static func exists(_ path: WorkspacePath) -> APIFailure {
        APIFailure(400, "RESOURCE_ALREADY_EXISTS", "Path (\(path.text)) already exists.")
    }
}

/// The document of the notebooks: a list, because paths that differ only in their Unicode normalization are one key of
/// a JSON object.
private struct Notebooks: Codable {
    private struct Entry: Codable {
        var path: String
        var language: Workspace.Language
    }

    var languages: [ExactText: Workspace.Language]

    init(languages: [ExactText: Workspace.Language]) { self.languages = languages }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let entries: [(String, Workspace.Language)]
        if let list = try? container.decode([Entry].self) {
            entries = list.map { ($0.path, $0.language) }
        } else {
            // As earlier versions wrote it.
            entries = try container.decode([String: Workspace.Language].self).map { ($0.key, $0.value) }
        }
        self.languages = Dictionary(entries.map { (ExactText($0.0), $0.1) }) { $1 }
    }

    func encode(to encoder: any Encoder) throws {
        let entries = self.languages.sorted { $0.key < $1.key }.map { Entry(path: $0.key.text, language: $0.value) }
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }
}
