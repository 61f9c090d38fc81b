//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// Copies a PostgreSQL cluster's folder, sharing blocks with the original where the file system can.
enum ClusterCopy {
    /// What was copied.
    struct Summary: Sendable, Equatable {
        var bytes: Int64 = 0
        var files = 0
    }

    /// Files and folders that belong to a running server or are made anew by it (PostgreSQL: Backing Up The Data Directory).
    private static let skippedFiles: Set<String> = [
        "postmaster.pid", "postmaster.opts", "pg_internal.init", "backup_label.old", "tablespace_map.old",
    ]
    private static let emptiedFolders: Set<String> = [
        "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans",
        "pgsql_tmp",
    ]

    /// Copies the files of a cluster whose server is stopped; it is as if the server had been stopped there.
    static func copyStopped(from source: String, to destination: String, owner: ServerUser) async throws -> Summary {
        try await FileThread.run {
            // After a clean stop nothing but the segment with the last checkpoint is needed.
            let segment = ControlFile.read(dataFolder: source).flatMap { control in
                control.isCleanlyStopped ? control.segmentName(in: source + "/pg_wal") : nil
            }
            var summary = Summary()
            try Self.copyFolder(source, destination, owner, &summary) { path, name in
                !path.hasPrefix("/pg_wal/") || segment == nil || name == segment || name.hasSuffix(".history")
            }
            return summary
        }
    }

    /// Copies the files of a cluster in backup mode, all but its log.
    static func copyRunning(from source: String, to destination: String, owner: ServerUser) async throws -> Summary {
        try await FileThread.run {
            var summary = Summary()
            try Self.copyFolder(source, destination, owner, &summary) { path, _ in !path.hasPrefix("/pg_wal/") }
            return summary
        }
    }

    /// Copies the log of a cluster whose backup mode has ended.
    static func copyLog(from source: String, to destination: String, owner: ServerUser) async throws -> Summary {
        try await FileThread.run {
            var summary = Summary()
            let names = try FileManager.default.contentsOfDirectory(atPath: source + "/pg_wal")
            for name in names where !PrivateFile.isDirectory("\(source)/pg_wal/\(name)") {
                let (from, to) = ("\(source)/pg_wal/\(name)", "\(destination)/pg_wal/\(name)")
                if let bytes = try FileClone.copy(from, to, owner: owner) {
                    summary.bytes += bytes
                    summary.files += 1
                }
            }
            return summary
        }
    }

    /// How many bytes a folder's files have.
    static func size(of folder: String) async -> Int64 {
        let size = try? await FileThread.run { Self.measure(folder) }
        return size ?? 0
    }

    private static func measure(_ folder: String) -> Int64 {
        var total: Int64 = 0
        var pending = [folder]
        while let path = pending.popLast() {
            for entry in (try? FolderEntry.list(path)) ?? [] {
                switch entry.kind {
                case .folder: pending.append("\(path)/\(entry.name)")
                case .file:
                    var status = stat()
                    if lstat("\(path)/\(entry.name)", &status) == 0 { total += Int64(status.st_size) }
                case .link, .other: break
                }
            }
        }
        return total
    }

    private static func copyFolder(
        _ source: String, _ destination: String, _ owner: ServerUser, _ summary: inout Summary,
        takes: (_ path: String, _ name: String) -> Bool
    ) throws {
        try PrivateFile.createDirectory(destination, mode: 0o700)
        try owner.own(destination)
        var pending = [""]
        while let path = pending.popLast() {
            let folder = source + path
            for entry in try FolderEntry.list(folder) {
                let (from, inside) = ("\(folder)/\(entry.name)", "\(path)/\(entry.name)")
                switch entry.kind {
                case .folder:
                    try PrivateFile.createDirectory(destination + inside, mode: 0o700)
                    try owner.own(destination + inside)
                    if !Self.emptiedFolders.contains(entry.name) { pending.append(inside) }
                case .file:
                    guard !Self.skippedFiles.contains(entry.name), !entry.name.hasPrefix("pgsql_tmp"),
                        takes(inside, entry.name)
                    else { continue }
                    // A table that is dropped meanwhile takes its file along; the log says so to the copy.
                    if let bytes = try FileClone.copy(from, destination + inside, owner: owner) {
                        summary.bytes += bytes
                        summary.files += 1
                    }
                case .link:
                    throw PrivateFile.Failure(operation: "copy the symbolic link", path: from, code: ENOTSUP)
                case .other:
                    continue
                }
            }
        }
    }
}

/// A name in a folder.
struct FolderEntry {
    enum Kind { case folder, file, link, other }
    var name: String
    var kind: Kind

    /// Everything in a folder, without a call for each.
    static func list(_ path: String) throws(PrivateFile.Failure) -> [FolderEntry] {
        guard let folder = opendir(path) else {
            throw PrivateFile.Failure(operation: "list", path: path, code: errno)
        }
        defer { closedir(folder) }
        var entries: [FolderEntry] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            entries.append(FolderEntry(name: name, kind: Self.kind(of: "\(path)/\(name)", entry.pointee.d_type)))
        }
        return entries
    }

    private static func kind(of path: String, _ type: UInt8) -> Kind {
        switch Int(type) {
        case Int(DT_DIR): return .folder
        case Int(DT_REG): return .file
        case Int(DT_LNK): return .link
        default: break
        }
        // Some file systems do not say.
        var status = stat()
        guard lstat(path, &status) == 0 else { return .other }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file
        case S_IFLNK: return .link
        default: return .other
        }
    }
}
