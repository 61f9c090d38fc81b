//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import LocalWorkspace
import Secrets

/// The folder that holds a local Lakebase.
///
/// ```
/// lakebase.json       names and numbers that stay (no secrets)
/// resources.db        projects, branches, endpoints, roles, databases, operations, service principals (digests of
///                     secrets only), apps (SQLite)
/// lock                which process works here
/// ca.pem              the certificate clients trust
/// node-ca.pem         the same and those of NODE_EXTRA_CA_CERTS, where that was set
/// ca-bundle….pem      the same and what is trusted otherwise, for programs that verify HTTPS, with --https
/// secrets/            0700: keys, the client secret and the developer's token, 0600 each
/// postgres/           private trees of the installed servers, one for each version
/// workspace/          0700: files/ as the workspace shows them
/// apps/NAME/          0700: what an app said, its home, and the files of its deployments
/// branches/NAME/      a branch: data/ is a PostgreSQL cluster, postgres.log what it says
/// ```
///
/// Everything in it belongs to who started it, except clusters where PostgreSQL runs as another user; what does not is
/// not opened (``FileTrust``). The folder is 0700. As root it is 0711, because PostgreSQL then runs as another user
/// that has to pass through.
final class DataDirectory: Sendable {
    let path: String
    let isTemporary: Bool
    private let lock: DataDirectoryLock

    private init(path: String, isTemporary: Bool, lock: DataDirectoryLock) {
        self.path = path
        self.isTemporary = isTemporary
        self.lock = lock
    }

    var stateFile: String { self.path + "/lakebase.json" }
    var resourcesFile: String { self.path + "/resources.db" }
    var certificateFile: String { self.path + "/ca.pem" }
    /// ``certificateFile``, with the user's own certificates for Node.js.
    var nodeCertificateFile: String { self.path + "/node-ca.pem" }
    var secretsFolder: String { self.path + "/secrets" }
    var postgresFolder: String { self.path + "/postgres" }
    /// The workspace's files.
    var workspaceFolder: String { self.path + "/workspace" }
    /// The folders of apps.
    var appsFolder: String { self.path + "/apps" }
    func branchFolder(_ branch: String) -> String { self.path + "/branches/" + branch }

    /// Opens the folder at `path`, or a temporary one, creates what is missing and takes the lock.
    static func open(path given: String?) throws(LocalLakebaseError) -> (DataDirectory, LocalState) {
        let mode: mode_t = geteuid() == 0 ? 0o711 : 0o700
        let trust = FileTrust.current()
        let path = try Self.prepare(given, mode: mode, trust)
        // Before anything in it is opened.
        try trust.inspect(path)
        let lock = try DataDirectoryLock.acquire(folder: path)
        let directory = DataDirectory(path: path, isTemporary: given == nil, lock: lock)
        do {
            try PrivateFile.setMode(path, mode)
            for (folder, mode) in [
                (directory.secretsFolder, 0o700), (directory.postgresFolder, mode), (path + "/branches", mode),
                (directory.appsFolder, 0o700),
            ] {
                try PrivateFile.createDirectory(folder, mode: mode)
            }
            Ext4TopDirectoryHint.mark(path + "/branches")
            let state: LocalState
            if let data = try OwnFile.read(directory.stateFile) {
                state = try LocalState.decode(data, path: directory.stateFile)
            } else {
                state = LocalState.fresh()
                try directory.save(state)
            }
            return (directory, state)
        } catch let error as LocalLakebaseError {
            throw error
        } catch {
            throw Self.unusable(path, "\(error)")
        }
    }

    /// Writes `lakebase.json`.
    func save(_ state: LocalState) throws {
        try PrivateFile.write(try state.encoded(), to: self.stateFile)
    }

    /// Reads the secret of that name, or creates and stores one.
    func secret(_ name: String, make: () -> Secret) throws(LocalLakebaseError) -> Secret {
        let path = self.secretsFolder + "/" + name
        let kept: Data?
        do { kept = try OwnFile.read(path) } catch { throw Self.unusable(self.path, "\(error)") }
        if let data = kept {
            let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if !text.isEmpty { return Secret(text) }
        }
        let secret = make()
        try self.keep(secret, as: name)
        return secret
    }

    /// Stores a secret under that name, replacing the previous one.
    func keep(_ secret: Secret, as name: String) throws(LocalLakebaseError) {
        let path = self.secretsFolder + "/" + name
        do {
            try secret.withUnsafeValue { text in try PrivateFile.write(Data((text + "\n").utf8), to: path) }
        } catch {
            throw Self.unusable(self.path, "\(error)")
        }
    }

    /// Removes a temporary folder; a folder that the user named is kept.
    func removeIfTemporary() {
        if self.isTemporary { try? FileManager.default.removeItem(atPath: self.path) }
    }

    /// The path of an existing data folder, without symbolic links: PostgreSQL writes the resolved path into its files.
    ///
    /// Checks the folders on the path and the files in it, for callers that read the data of another process.
    static func existing(_ given: String) throws(LocalLakebaseError) -> String {
        let trust = FileTrust.current()
        let way = try trust.follow(Self.absolute(given))
        guard way.missing.isEmpty, let facts = try? FileFacts.of(way.path + "/lakebase.json"), facts.kind != .folder
        else {
            throw LocalLakebaseError(
                .dataDirectory, "\(given) is not the folder of a local Lakebase, or it cannot be read.",
                remedy: "Name the folder that was given to lakebase dev --data."
            )
        }
        try trust.inspect(way.path)
        return way.path
    }

    private static func absolute(_ given: String) -> String {
        let expanded = (given as NSString).expandingTildeInPath
        return expanded.hasPrefix("/") ? expanded : FileManager.default.currentDirectoryPath + "/" + expanded
    }

    private static func prepare(
        _ given: String?, mode: mode_t, _ trust: FileTrust
    ) throws(LocalLakebaseError) -> String {
        guard let given else {
            let base = FileManager.default.temporaryDirectory.path(percentEncoded: false)
            let way = try trust.follow(Self.absolute(base))
            let folder = way.missing.reduce(way.path) { Self.join($0, $1) }
            do {
                try trust.check(way.path, as: .way)
                let made = try PrivateFile.makeTemporaryDirectory(Self.join(folder, "lakebase-dev.XXXXXX"))
                return made
            } catch let error as LocalLakebaseError {
                throw error
            } catch {
                throw LocalLakebaseError(
                    .dataDirectory, "No temporary folder: \(error).", remedy: "Set TMPDIR to a folder you can write to."
                )
            }
        }
        let way = try trust.follow(Self.absolute(given))
        let path = way.missing.reduce(way.path) { Self.join($0, $1) }
        if way.missing.isEmpty, !PrivateFile.isDirectory(path) {
            throw LocalLakebaseError(
                .dataDirectory, "\(path) is not a folder.", remedy: "Choose another path with --data."
            )
        }
        if !way.missing.isEmpty {
            // What is made in a folder of others is theirs.
            try trust.check(way.path, as: .way)
            do { try PrivateFile.createDirectories(path, mode: mode) } catch { throw Self.unusable(path, "\(error)") }
        }
        try trust.check(path, as: .folder)
        let contents: [String]
        do {
            contents = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw Self.unusable(path, "it cannot be listed")
        }
        // A start that was killed early leaves the lock and nothing else of ours.
        let foreign = contents.filter {
            $0 != "lock" && $0 != "secrets" && $0 != "postgres" && $0 != "branches" && $0 != "apps"
        }
        if !contents.contains("lakebase.json"), !foreign.isEmpty {
            throw LocalLakebaseError(
                .dataDirectory,
                "\(path) is not empty and not a local Lakebase (it has \(foreign.sorted()[0])).",
                remedy: "Choose an empty or new folder with --data."
            )
        }
        if access(path, W_OK | X_OK) != 0 { throw Self.unusable(path, "it is not writable") }
        return path
    }

    private static func unusable(_ path: String, _ why: String) -> LocalLakebaseError {
        LocalLakebaseError(
            .dataDirectory,
            "The data folder \(path) cannot be used: \(why).",
            remedy: "Give yourself write permission or choose another folder with --data."
        )
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}
