//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import LocalPostgres
import LocalWorkspace
import Secrets

/// The data directories of branches, with the installations and settings with which they are created and run.
struct DataDirectoryManager: Sendable {
    var directory: DataDirectory
    var servers: InstalledServers
    var user: ServerUser
    var trees: PostgresDistributions
    /// The folder of sockets.
    var runtimeDirectory: String
    /// The password of the superuser of every data directory.
    var administratorPassword: Secret

    /// Whether data directories have to survive a power failure.
    var isDurable: Bool { !self.directory.isTemporary }

    func folder(_ name: String) -> String { self.directory.branchFolder(name) }

    /// The data directory in a folder, of a project with this major version of PostgreSQL.
    func cluster(_ folder: String, major: Int) throws(LocalLakebaseError) -> BranchDataDirectory {
        BranchDataDirectory(
            folder: self.folder(folder), installation: try self.servers.require(major), user: self.user,
            administratorPassword: self.administratorPassword
        )
    }

    /// The file with the password for servers that follow another server.
    var passwordFile: String { self.runtimeDirectory + "/" + AccessFile.passwordFile }

    /// The folder of a server's socket.
    func sockets(of uid: String) -> String { "\(self.runtimeDirectory)/\(uid)" }

    /// The launch of a branch's server; creates the folder of its socket.
    func launch(
        _ place: ComputeLocation, major: Int, settings: [(name: String, value: String)]
    ) async throws -> PostgresServer.Launch {
        let cluster = try self.cluster(place.folder, major: major)
        let tree = try await self.trees.tree(for: cluster.installation)
        let sockets = self.sockets(of: place.uid)
        try PrivateFile.createDirectory(sockets, mode: 0o700)
        try self.user.own(sockets)
        return PostgresServer.Launch(
            cluster: cluster, tree: tree, socketFolder: sockets,
            accessFile: self.runtimeDirectory + "/" + AccessFile.name, settings: settings
        )
    }

    /// Removes a branch's folder.
    func remove(_ folder: String) async throws {
        let path = self.folder(folder)
        try await FileThread.run {
            // Left half removed, it is not taken for a cluster.
            unlink(path + "/data/PG_VERSION")
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                if FileManager.default.fileExists(atPath: path) { throw error }
            }
        }
    }

    /// Removes folders of branches that no longer exist.
    ///
    /// Only such as have the uid of a branch or endpoint for their name: everything else is not the workshop's.
    func sweep(keeping inventory: WorkspaceState) throws {
        var known = Set(inventory.branches.values.map(\.folder))
        known.formUnion(inventory.endpoints.values.filter(\.isReadOnly).map(\.uid))
        for operation in inventory.operations.values {
            if case .purge(let folders) = operation.work { known.formUnion(folders.map(\.folder)) }
        }
        let path = self.directory.path + "/branches"
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            if name.hasPrefix("br-") || name.hasPrefix("ep-"), !known.contains(name) {
                try FileManager.default.removeItem(atPath: path + "/" + name)
            }
        }
    }
}

/// The rules for logins at the servers, in the format of `pg_hba.conf`.
///
/// The gateway has checked the token of a role that is linked to an identity. Of other roles PostgreSQL checks the
/// password itself, which the gateway hands on.
enum AccessFile {
    static let name = "pg_hba.conf"
    /// The superuser's password, for servers that follow others.
    static let passwordFile = "replication.password"

    static let text: String = {
        var lines = ["local all \(PostgresConventions.administrator) scram-sha-256"]
        lines += DatabricksAuthExtension.markers.map { "local all +\($0.1) trust" }
        lines += ["local all all password", "local replication \(PostgresConventions.administrator) scram-sha-256"]
        return lines.joined(separator: "\n") + "\n"
    }()

    /// Writes the files where servers find them.
    static func write(in folder: String, user: ServerUser, administratorPassword: Secret) throws {
        let entry = administratorPassword.withUnsafeValue { "*:*:*:\(PostgresConventions.administrator):\($0)\n" }
        for (name, text) in [(Self.name, Self.text), (Self.passwordFile, entry)] {
            let path = folder + "/" + name
            try user.write(Data(text.utf8), to: path)
        }
    }
}
