//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
package import LocalGround
package import Secrets

#if os(Linux)
import CLinux
#endif

/// The PostgreSQL data directory of a branch.
package struct BranchDataDirectory: Sendable {

    /// The branch's folder.
    package let folder: String
    /// The installation with which a new data directory is created; the private tree may still be being built.
    package let installation: PostgresInstallation
    package let user: ServerUser
    /// The superuser's password: letters and digits.
    package let administratorPassword: Secret

    package init(folder: String, installation: PostgresInstallation, user: ServerUser, administratorPassword: Secret) {
        self.folder = folder
        self.installation = installation
        self.user = user
        self.administratorPassword = administratorPassword
    }

    package var dataFolder: String { self.folder + "/data" }
    package var exists: Bool { FileManager.default.fileExists(atPath: self.dataFolder + "/PG_VERSION") }
    /// Whether it is the copy of a server that it follows.
    var isFollower: Bool { FileManager.default.fileExists(atPath: self.dataFolder + "/standby.signal") }
    var logFile: String { self.folder + "/postgres.log" }

    /// Creates the data directory if there is none.
    ///
    /// - Parameters:
    ///   - durable: Whether it is to survive a power failure right after; a temporary one need not.
    ///   - endsWithTask: Whether a cancelled task leaves it incomplete, to be created again at the next start.
    @concurrent
    package func bootstrapIfNeeded(
        roles: BootstrapRoles, durable: Bool, endsWithTask: Bool = false
    ) async throws(LocalLakebaseError) {
        let mode: mode_t = self.user.other == nil ? 0o700 : 0o711
        do {
            if !PrivateFile.isDirectory(self.folder) { try Ext4TopDirectoryHint.create(self.folder, mode: mode) }
            if let data = FileManager.default.contents(atPath: self.dataFolder + "/PG_VERSION") {
                try self.checkVersion(String(decoding: data, as: UTF8.self))
                return
            }
            // What a killed start left half done is in folders of other names.
            let building = self.folder + "/data.new"
            try? FileManager.default.removeItem(atPath: building)
            try PrivateFile.createDirectory(building, mode: 0o700)
            try self.user.own(building)
            try await self.initialise(building, endsWithTask: endsWithTask)
            let script = BootstrapScript.text(roles: roles, major: self.installation.major)
            try await self.run(
                script: script, in: "template1", on: building, durable: false, endsWithTask: endsWithTask)
            try self.noteAccess(in: building)
            if durable { try await self.makeDurable(building, endsWithTask: endsWithTask) }
            try FileManager.default.moveItem(atPath: building, toPath: self.dataFolder)
        } catch let error as LocalLakebaseError {
            throw error
        } catch {
            throw LocalLakebaseError(
                .postgresFailed, "The branch's folder \(self.folder) could not be made: \(error).",
                remedy: "Free some space or choose another folder with --data.", underlying: error
            )
        }
    }

    /// Checks that there is a data directory, and that the installed server can use it.
    package func checkVersion() throws(LocalLakebaseError) {
        guard let data = FileManager.default.contents(atPath: self.dataFolder + "/PG_VERSION") else {
            throw LocalLakebaseError(
                .dataDirectory, "The data of a branch are missing: \(self.dataFolder).",
                remedy: "Put them back, or choose another folder with --data."
            )
        }
        try self.checkVersion(String(decoding: data, as: UTF8.self))
    }

    private func checkVersion(_ text: String) throws(LocalLakebaseError) {
        let found = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard Int(found) == self.installation.major else {
            throw LocalLakebaseError(
                .postgresFailed,
                "The data in \(self.dataFolder) are of PostgreSQL \(found), the server found is \(self.installation.major).",
                remedy: "Install PostgreSQL \(found) again, or choose another folder with --data."
            )
        }
    }

    private func initialise(_ folder: String, endsWithTask: Bool) async throws {
        var arguments = [
            "-D", folder, "--no-sync", "-U", PostgresConventions.administrator, "-A", "scram-sha-256", "-E", "UTF8",
            "--no-instructions",
        ]
        // Not among the arguments, which every user of the machine can read.
        let passwordFile = self.folder + "/initdb.password"
        unlink(passwordFile)
        try self.administratorPassword.withUnsafeValue { text in
            try self.user.write(Data((text + "\n").utf8), to: passwordFile)
        }
        defer { unlink(passwordFile) }
        arguments += ["--pwfile", passwordFile]
        // Byte order, as on the service; with the character classes of Unicode where the system has them.
        #if canImport(Darwin)
        arguments += ["--no-locale"]
        #else
        arguments += ["--locale=C", "--lc-ctype=C.UTF-8"]
        #endif
        do {
            try await self.run("initdb", self.installation.initdb, arguments, endsWithTask: endsWithTask)
        } catch let error as CancellationError {
            throw error
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            try PrivateFile.createDirectory(folder, mode: 0o700)
            try self.user.own(folder)
            let plain = arguments.filter { !$0.hasPrefix("--lc-ctype") && !$0.hasPrefix("--locale") } + ["--no-locale"]
            try await self.run("initdb", self.installation.initdb, plain, endsWithTask: endsWithTask)
        }
    }

    /// Runs statements as the superuser while no server runs.
    ///
    /// - Parameter endsWithTask: Whether a cancelled task may leave them half done.
    func run(
        script text: String, in database: String = "postgres", on folder: String, durable: Bool,
        endsWithTask: Bool = false
    ) async throws {
        let script = self.folder + "/statements.sql"
        try PrivateFile.write(Data(text.utf8), to: script, durable: false)
        defer { unlink(script) }
        let arguments = [
            "--single", "-j", "-D", folder, "-c", "fsync=\(durable ? "on" : "off")", "-c", "exit_on_error=on",
            "-c", "log_checkpoints=off", "-c", "log_min_error_statement=panic", database,
        ]
        try await self.run(
            "postgres --single", self.installation.postgres, arguments, inputFile: script, endsWithTask: endsWithTask)
    }

    /// Flushes the written files to the disk.
    ///
    /// All of its file system at once where the system can: a thousand files one after the other take several times as
    /// long.
    private func makeDurable(_ folder: String, endsWithTask: Bool) async throws {
        #if os(Linux)
        let isDone = try await FileThread.run {
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            return syncfs(descriptor) == 0
        }
        if isDone { return }
        #endif
        try await self.run(
            "initdb --sync-only", self.installation.initdb, ["-D", folder, "--sync-only"],
            endsWithTask: endsWithTask)
    }

    private func run(
        _ what: String, _ program: String, _ arguments: [String], inputFile: String? = nil, endsWithTask: Bool = false
    ) async throws {
        let command = self.user.command(program, arguments)
        let result = try await ChildProcess.run(
            command.program, command.arguments, inputFile: inputFile, endsWithTask: endsWithTask)
        // Errors in single-user mode do not always show in the status.
        let failed = result.output.contains("FATAL:") || result.output.contains("ERROR:")
        guard result.status == 0, !failed else {
            throw LocalLakebaseError(
                .postgresFailed, "\(what) failed in \(self.folder): \(Self.tail(of: result.output))",
                remedy: "Choose another folder with --data, or another PostgreSQL."
            )
        }
    }

    /// The last lines that are not empty.
    static func tail(of text: String, lines: Int = 6) -> String {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            .suffix(lines).joined(separator: " | ")
    }
}
