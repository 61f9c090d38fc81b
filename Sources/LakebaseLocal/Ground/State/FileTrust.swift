//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import LocalPostgres
import Secrets

/// Checks that no other user can have changed a file or folder that the local Lakebase relies on; a value.
///
/// A folder to which only root and the current user may write, within such folders up to `/`, contains nothing from
/// other users, and no other user can replace it between the check and its use. So looking from the top down is enough.
struct FileTrust: Sendable {
    /// The role of a path.
    enum Place: Sendable, Equatable {
        /// A folder, or a link, on the path to the data folder.
        case way
        /// A folder of the data directory.
        case folder
        /// A folder of the data directory that only its owner may read.
        case secretFolder
        /// A file of the data directory.
        case file
        /// A file of the data directory that only its owner may read.
        case secretFile
        /// A PostgreSQL data directory, which belongs to PostgreSQL.
        case cluster
    }

    /// The current user.
    var user: uid_t
    /// The user's group, if it has no other members.
    var privateGroup: gid_t?
    /// The owner of the data directories, if that is another user.
    var serverUser: uid_t?

    /// The trust of this process's user.
    static func current() -> FileTrust {
        FileTrust(
            user: geteuid(), privateGroup: Self.privateGroup(), serverUser: (try? ServerUser.resolve())?.other?.userID)
    }

    /// The reason not to use a file or folder; `nil` if there is none.
    func problem(_ facts: FileFacts, at path: String, as place: Place) -> LocalLakebaseError? {
        let owners: Set<uid_t> =
            switch place {
            case .way: [0, self.user]
            case .folder, .secretFolder, .file, .secretFile: [self.user]
            case .cluster: [self.serverUser ?? self.user]
            }
        if facts.kind == .link, place != .way {
            return Self.refusal(path, facts, "is a symbolic link", "Put the folder or file itself there.")
        }
        guard owners.contains(facts.owner) else {
            let wanted = owners.sorted().map { Self.name($0) }.joined(separator: " or ")
            return Self.refusal(
                path, facts, "has to belong to \(wanted): what others own, others can change",
                "Choose another folder with --data, or, if you know what is in it: chown \(Self.name(owners.max() ?? 0)) \(path)"
            )
        }
        // The mode of a link says nothing.
        if facts.kind == .link { return nil }
        let isFile = place == .file || place == .secretFile
        guard facts.kind == (isFile ? .file : .folder) else {
            return Self.refusal(
                path, facts, "is not a \(isFile ? "file" : "folder")", "Choose another folder with --data.")
        }
        if isFile, facts.names != 1 {
            return Self.refusal(
                path, facts, "has another name, by which others may have put it there",
                "Remove it, or put a copy in its place.")
        }
        var forbidden: mode_t =
            switch place {
            case .way, .folder, .file, .cluster: 0o022
            case .secretFolder, .secretFile: 0o077
            }
        // A group whose only member is the user counts as the user.
        if facts.group == self.privateGroup, forbidden == 0o022 { forbidden = 0o002 }
        // A folder with the sticky bit, such as /tmp: every user may write, and none may remove the files of another.
        if place == .way, facts.mode & 0o1000 != 0 { forbidden = 0 }
        guard facts.mode & forbidden == 0 else {
            let isSecret = forbidden == 0o077
            return Self.refusal(
                path, facts, isSecret ? "can be read by others" : "can be written to by others",
                "Look whether all in it is yours, then: chmod \(isSecret ? "go-rwx" : "go-w") \(path)")
        }
        return nil
    }

    /// Checks a file or folder that has to exist.
    func check(_ path: String, as place: Place) throws(LocalLakebaseError) {
        let facts: FileFacts?
        do {
            facts = try FileFacts.of(path)
        } catch {
            throw Self.unusable(path, error)
        }
        if let facts, let problem = self.problem(facts, at: path, as: place) { throw problem }
    }

    private static func refusal(
        _ path: String, _ facts: FileFacts, _ what: String, _ remedy: String
    ) -> LocalLakebaseError {
        LocalLakebaseError(
            .dataDirectory,
            "\(path) \(what) (its owner is \(Self.name(facts.owner)), its mode \(String(facts.mode, radix: 8))).",
            remedy: remedy)
    }

    private static func unusable(_ path: String, _ failure: PrivateFile.Failure) -> LocalLakebaseError {
        LocalLakebaseError(
            .dataDirectory, "The data folder cannot be used: \(failure).",
            remedy: "Give yourself permission or choose another folder with --data.")
    }

    static func name(_ user: uid_t) -> String {
        guard let entry = getpwuid(user) else { return "user \(user)" }
        return String(cString: entry.pointee.pw_name)
    }

    /// The group of the process if it has the user's name and no other members, as many systems create for each user.
    private static func privateGroup() -> gid_t? {
        guard let user = getpwuid(geteuid()), let group = getgrgid(user.pointee.pw_gid) else { return nil }
        guard strcmp(user.pointee.pw_name, group.pointee.gr_name) == 0 else { return nil }
        var member = group.pointee.gr_mem
        while let name = member?.pointee {
            guard strcmp(name, user.pointee.pw_name) == 0 else { return nil }
            member = member?.advanced(by: 1)
        }
        return group.pointee.gr_gid
    }
}

extension FileTrust {
    /// The result of following a path.
    struct Way: Equatable {
        /// The path without symbolic links, as far as it exists.
        var path: String
        /// The names of the folders that do not exist.
        var missing: [String]
    }

    /// Follows a path from `/`, checking each folder and link on it.
    ///
    /// The last one is not looked at.
    func follow(_ absolute: String) throws(LocalLakebaseError) -> Way {
        var pending = Array(Self.names(absolute).reversed())
        var path = ""
        var links = 0
        try self.check("/", as: .way)
        while let name = pending.popLast() {
            if name == ".." {
                path = PrivateFile.folder(of: path.isEmpty ? "/" : path)
                if path == "/" { path = "" }
                continue
            }
            let next = "\(path)/\(name)"
            let facts: FileFacts?
            do {
                facts = try FileFacts.of(next)
            } catch {
                throw Self.unusable(next, error)
            }
            guard let facts else {
                let missing = [name] + pending.reversed()
                guard !missing.contains("..") else {
                    throw LocalLakebaseError(
                        .dataDirectory, "\(absolute) leads through \(next), which is not there.",
                        remedy: "Choose another folder with --data.")
                }
                return Way(path: path.isEmpty ? "/" : path, missing: missing)
            }
            if facts.kind == .link {
                if let problem = self.problem(facts, at: next, as: .way) { throw problem }
                links += 1
                guard links <= 40, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: next) else {
                    throw LocalLakebaseError(
                        .dataDirectory, "The symbolic link \(next) leads nowhere.",
                        remedy: "Choose another folder with --data.")
                }
                if target.hasPrefix("/") { path = "" }
                pending += Self.names(target).reversed()
                continue
            }
            if !pending.isEmpty, let problem = self.problem(facts, at: next, as: .way) { throw problem }
            path = next
        }
        return Way(path: path.isEmpty ? "/" : path, missing: [])
    }

    private static func names(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
    }
}

extension FileTrust {
    /// Checks the files of a data folder before they are opened.
    func inspect(_ path: String) throws(LocalLakebaseError) {
        try self.check(path, as: .folder)
        for name in Self.contents(path) {
            let place: Place
            switch name {
            case "secrets", "apps", "workspace": place = .secretFolder
            case "postgres", "branches": place = .folder
            case "lakebase.json", "lock", "ca.pem", "node-ca.pem": place = .file
            // It has the passwords of roles.
            case let name where name.hasPrefix("resources.db"): place = .secretFile
            // Nothing of ours.
            default: continue
            }
            try self.check("\(path)/\(name)", as: place)
        }
        for name in Self.contents(path + "/secrets") { try self.check("\(path)/secrets/\(name)", as: .secretFile) }
        for folder in ["postgres", "apps", "branches", "workspace"] {
            for name in Self.contents("\(path)/\(folder)") {
                let inside = "\(path)/\(folder)/\(name)"
                guard let facts = try? FileFacts.of(inside), facts.kind != .file else { continue }
                try self.check(inside, as: .folder)
                if folder == "branches" { try self.inspect(branch: inside) }
            }
        }
    }

    private func inspect(branch: String) throws(LocalLakebaseError) {
        for name in Self.contents(branch) {
            switch name {
            case "data", "data.new":
                guard let facts = try? FileFacts.of("\(branch)/\(name)") else { continue }
                // In the making it is ours for a moment.
                if name == "data.new", facts.kind == .folder, facts.owner == self.user { continue }
                try self.check("\(branch)/\(name)", as: .cluster)
            case "postgres.log", "statements.sql", "bootstrap.sql": try self.check("\(branch)/\(name)", as: .file)
            default: continue
            }
        }
    }

    private static func contents(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
