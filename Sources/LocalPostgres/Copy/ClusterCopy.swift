//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import Secrets
import Synchronization

/// Copies a PostgreSQL data directory, sharing blocks with the original where the file system can.
package enum ClusterCopy {
    /// The result of a copy.
    package struct Summary: Sendable, Equatable {
        package var bytes: Int64 = 0
        var files = 0

        static func + (one: Summary, other: Summary) -> Summary {
            Summary(bytes: one.bytes + other.bytes, files: one.files + other.files)
        }
    }

    /// Files and folders that belong to a running server or that it creates again (PostgreSQL: Backing Up The Data
    /// Directory).
    private static let skippedFiles: Set<String> = [
        "postmaster.pid", "postmaster.opts", "pg_internal.init", "backup_label.old", "tablespace_map.old",
    ]
    private static let emptiedFolders: Set<String> = [
        "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans",
        "pgsql_tmp",
    ]

    /// Copies the files of a data directory whose server is stopped.
    static func copyStopped(from source: String, to destination: String, owner: ServerUser) async throws -> Summary {
        try await FileThread.run {
            let log = ControlFile.read(dataFolder: source)?.log(in: source + "/pg_wal")
            return try Self.copy(source, destination, owner) { log?.part(of: $0) ?? .whole }
        }
    }

    /// Copies the files of a data directory in backup mode, except its WAL.
    static func copyRunning(from source: String, to destination: String, owner: ServerUser) async throws -> Summary {
        try await FileThread.run { try Self.copy(source, destination, owner) { _ in .nothing } }
    }

    /// Copies the WAL of a data directory whose backup mode has ended; all of it if the needed part is not known.
    static func copyLog(
        _ range: LogRange?, from source: String, to destination: String, owner: ServerUser
    ) async throws -> Summary {
        try await FileThread.run {
            let files = try FolderEntry.list(source + "/pg_wal").filter { $0.kind == .file }.compactMap { entry in
                File(path: "/pg_wal/" + entry.name, part: range?.part(of: entry.name) ?? .whole)
            }
            return try Self.copy([files], source, destination, owner)
        }
    }

    /// The size of a folder's files in bytes.
    package static func size(of folder: String) async -> Int64 {
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
                case .file: total += PrivateFile.facts(of: "\(path)/\(entry.name)")?.size ?? 0
                case .link, .other: break
                }
            }
        }
        return total
    }

    /// A file to copy, by its path in the data directory.
    private struct File: Sendable {
        var path: String
        var limit: Int64?

        /// `nil` if no part of it is needed.
        init?(path: String, part: LogRange.Part) {
            self.path = path
            switch part {
            case .whole: self.limit = nil
            case .prefix(let bytes): self.limit = bytes
            case .nothing: return nil
            }
        }
    }

    private static func copy(
        _ source: String, _ destination: String, _ owner: ServerUser, log: (_ name: String) -> LogRange.Part
    ) throws -> Summary {
        try PrivateFile.createDirectory(destination, mode: 0o700)
        try owner.own(destination)
        var folders: [[File]] = []
        var pending = [""]
        while let path = pending.popLast() {
            let folder = source + path
            var files: [File] = []
            for entry in try FolderEntry.list(folder) {
                let inside = "\(path)/\(entry.name)"
                switch entry.kind {
                case .folder:
                    try PrivateFile.createDirectory(destination + inside, mode: 0o700)
                    try owner.own(destination + inside)
                    if !Self.emptiedFolders.contains(entry.name) { pending.append(inside) }
                case .file:
                    guard !Self.skippedFiles.contains(entry.name), !entry.name.hasPrefix("pgsql_tmp") else { continue }
                    let part = inside.hasPrefix("/pg_wal/") ? log(entry.name) : .whole
                    if let file = File(path: inside, part: part) { files.append(file) }
                case .link:
                    throw PrivateFile.Failure(
                        operation: "copy the symbolic link", path: "\(folder)/\(entry.name)", code: ENOTSUP)
                case .other:
                    continue
                }
            }
            folders.append(files)
        }
        return try Self.copy(folders, source, destination, owner)
    }

    /// Copies files on several threads: most are so small that creating them takes longer than copying their bytes.
    ///
    /// Each folder on one thread, because file systems make one file at a time in a folder.
    private static func copy(
        _ folders: [[File]], _ source: String, _ destination: String, _ owner: ServerUser
    ) throws -> Summary {
        let next = Atomic(0)
        let outcome = Mutex<Result<Summary, any Error>>(.success(Summary()))
        let threads = max(1, min(4, ProcessInfo.processInfo.activeProcessorCount, folders.count))
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var clone = FileClone()
            var summary = Summary()
            do {
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < folders.count else { break }
                    for file in folders[index] {
                        // A table that is dropped meanwhile takes its file along; the log says so to the copy.
                        let bytes = try clone.copy(
                            source + file.path, destination + file.path, owner: owner, limit: file.limit
                        )
                        guard let bytes else { continue }
                        summary.bytes += bytes
                        summary.files += 1
                    }
                }
                outcome.withLock { $0 = $0.map { $0 + summary } }
            } catch {
                // The others need not continue.
                next.store(folders.count, ordering: .relaxed)
                outcome.withLock { if case .success = $0 { $0 = .failure(error) } }
            }
        }
        return try outcome.withLock { $0 }.get()
    }
}
