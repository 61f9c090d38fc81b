//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import Secrets

/// Unlogged tables, indexes and sequences, which are not in the WAL.
///
/// On the service they are on the compute's own disk, and so empty after it was suspended or restarted (Databricks:
/// Postgres compatibility). PostgreSQL keeps them when it was stopped with a checkpoint, and empties them after a
/// crash. This does at each start what it does after a crash: a relation with an init fork loses its other forks, and
/// its main fork becomes a copy of that. A relation that is logged has no init fork, so nothing of it is touched.
enum UnloggedRelations {
    /// Empties them in a data directory on which no server runs.
    ///
    /// A server that was not stopped cleanly empties them itself, and a standby does not show them.
    static func reset(in cluster: BranchDataDirectory) async throws {
        try await FileThread.run {
            guard !cluster.isFollower, ControlFile.read(dataFolder: cluster.dataFolder)?.isCleanlyStopped == true else {
                return
            }
            // There are no tablespaces: making one takes the superuser. The shared relations are all logged.
            let base = cluster.dataFolder + "/base"
            for database in try FolderEntry.list(base) where database.kind == .folder {
                try Self.reset(inDatabase: "\(base)/\(database.name)", owner: cluster.user)
            }
        }
    }

    private static func reset(inDatabase folder: String, owner: ServerUser) throws {
        let files = try FolderEntry.list(folder).filter { $0.kind == .file }.map {
            (name: $0.name, fork: RelationFile($0.name))
        }
        let unlogged = Set(files.compactMap { $0.fork?.isInit == true ? $0.fork?.number : nil })
        guard !unlogged.isEmpty else { return }
        for (name, fork) in files {
            guard let fork, !fork.isInit, unlogged.contains(fork.number) else { continue }
            let path = "\(folder)/\(name)"
            if unlink(path) != 0, errno != ENOENT {
                throw PrivateFile.Failure(operation: "remove", path: path, code: errno)
            }
        }
        for (name, fork) in files {
            guard let fork, fork.isInit else { continue }
            // An init fork has a page or two; more than a segment it cannot have.
            let path = "\(folder)/\(name)"
            guard fork.segment == 0 else { throw PrivateFile.Failure(operation: "read", path: path, code: EFBIG) }
            let data = try Self.read(path)
            // Nothing needs it on the disk: until the server runs this is done at each start, and after that by its
            // recovery.
            try owner.write(data, to: "\(folder)/\(fork.number)")
        }
    }
}

extension UnloggedRelations {
    /// Reads a file, which may be in another user's folder; a link is not followed.
    private static func read(_ path: String) throws -> Data {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.Failure(operation: "read", path: path, code: errno) }
        return try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).readToEnd() ?? Data()
    }
}

/// The name of a file of a relation: its number, a fork, a segment, as in `16384_fsm.1`.
struct RelationFile: Equatable {
    var number: UInt32
    var isInit: Bool
    var segment: Int

    /// `nil` if it is another kind of file.
    init?(_ name: String) {
        let parts = name.splitExactly(at: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let pieces = parts[0].splitExactly(at: "_", omittingEmptySubsequences: false)
        guard let first = pieces.first, Self.isNumber(first), let number = UInt32(first), pieces.count <= 2 else {
            return nil
        }
        self.number = number
        switch pieces.count == 2 ? String(pieces[1]) : nil {
        case nil, "fsm"?, "vm"?: self.isInit = false
        case "init"?: self.isInit = true
        default: return nil
        }
        guard parts.count == 2 else {
            self.segment = 0
            return
        }
        guard Self.isNumber(parts[1]), let segment = Int(parts[1]) else { return nil }
        self.segment = segment
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.utf8.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
