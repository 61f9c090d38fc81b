//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
import LocalGround
import Secrets

/// A cluster as `initdb` made it, which is kept in the user's cache and copied for each new project.
///
/// `initdb` takes most of the processor time of a first start, and a copy a fifth of it. The template has no databases but those of
/// `initdb`, no roles but the superuser, and a password that nobody knows: each copy is given its own. Copies have the same system
/// identifier, as copies of branches do; nothing compares it between projects.
struct ClusterTemplate: Sendable {
    /// Where it is, once it is there.
    let folder: String

    private static let marker = "complete"
    private static let keptTime: TimeInterval = 60 * 86_400

    /// The template of what `initdb` makes of these arguments.
    ///
    /// - Parameters:
    ///   - folder: The folder of templates.
    ///   - installation: The server whose `initdb` it is; another build of it has another template.
    ///   - arguments: The arguments, without those that name the folder or the password.
    init(in folder: String, installation: PostgresInstallation, arguments: [String]) {
        var lines = ["1", installation.version, installation.binFolder] + arguments
        for file in [installation.initdb, installation.postgres, installation.shareFolder + "/postgres.bki"] {
            let facts = try? FileManager.default.attributesOfItem(atPath: file)
            let size = (facts?[.size] as? NSNumber)?.int64Value ?? 0
            let date = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            lines.append("\(size) \(date.rounded(.down))")
        }
        let digest = SHA256.hash(data: Data(lines.joined(separator: "\n").utf8))
        let key = digest.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        self.folder = "\(folder)/\(installation.version)-\(key)"
    }

    /// Copies the template; false where there is none, or it cannot be used.
    ///
    /// One that lacks something, as after a clean-up of the cache by age, is removed.
    ///
    /// - Parameter destination: A folder that is not there, or empty. Where the answer is false it may hold a part of the copy.
    func copy(to destination: String, owner: ServerUser) async -> Bool {
        let marker = "\(self.folder)/\(Self.marker)"
        guard Self.isOurs(PrivateFile.folder(of: self.folder)),
            let content = FileManager.default.contents(atPath: marker),
            let copied = try? await ClusterCopy.copyStopped(from: self.folder + "/data", to: destination, owner: owner)
        else { return false }
        guard content == Self.content(of: copied) else {
            try? FileManager.default.removeItem(atPath: self.folder)
            return false
        }
        // Its time is that of its last use.
        _ = utimes(marker, nil)
        return true
    }

    /// Keeps a cluster that `initdb` has just made, for the next one.
    ///
    /// Where that is not possible the next one is made as this one was: a cache is no reason to fail.
    func keep(_ cluster: String) async {
        let folders = PrivateFile.folder(of: self.folder)
        let building = "\(self.folder).\(UInt64.random(in: 0...UInt64.max)).new"
        do {
            try PrivateFile.createDirectories(folders, mode: 0o700)
            guard Self.isOurs(folders) else { return }
            try PrivateFile.createDirectory(building, mode: 0o700)
            defer { try? FileManager.default.removeItem(atPath: building) }
            let copied = try await ClusterCopy.copyStopped(
                from: cluster, to: building + "/data", owner: ServerUser(other: nil))
            try PrivateFile.write(Self.content(of: copied), to: "\(building)/\(Self.marker)")
            // Of two that make it at once the first is kept.
            try FileManager.default.moveItem(atPath: building, toPath: self.folder)
            Self.removeOld(in: folders, now: Date())
        } catch {
            return
        }
    }

    /// What stands in the marker: by it a template that lost a file is known.
    private static func content(of copied: ClusterCopy.Summary) -> Data {
        Data("\(copied.files) files, \(copied.bytes) bytes\n".utf8)
    }

    /// Whether the folder is this user's, and nobody else can put something into it.
    private static func isOurs(_ folder: String) -> Bool {
        guard let facts = try? FileFacts.of(folder) else { return false }
        return facts.kind == .folder && facts.owner == geteuid() && facts.mode & 0o022 == 0
    }

    /// Removes templates that were not used for long, and what was left half done.
    static func removeOld(in folder: String, now: Date) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = "\(folder)/\(name)"
            let dated = name.hasSuffix(".new") ? path : "\(path)/\(Self.marker)"
            let facts = try? FileManager.default.attributesOfItem(atPath: dated)
            guard let used = facts?[.modificationDate] as? Date, now.timeIntervalSince(used) > Self.keptTime else {
                continue
            }
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
