//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import Databricks
import ExactText
import Foundation
import LocalGround
import LocalPostgres
import Secrets
import StrictYAML

/// Prepares a process of a deployment: its files, its command, its environment, its secret.
struct AppLauncher: Sendable {
    /// What to run for a deployment.
    struct Order: Sendable {
        var app: Apps.App
        var deployment: Apps.Deployment
        /// The folder of the version, which several deployments may share.
        var version: String
    }

    /// The files of a version, in place, and the command that they name.
    struct Prepared: Sendable {
        var order: Order
        var source: String
        /// The folder for packages that are installed for this version only.
        var environment: String
        var manifest: AppManifest
        /// Warnings that do not prevent the start.
        var warnings: [String]
    }

    /// A process that is ready to start.
    struct Ready: Sendable {
        var launch: AppProcess.Launch
        var ports: AppPorts.Plan
        /// The secrets that are removed from the app's log.
        var secrets: [Secret]
        /// Warnings that do not prevent the start.
        var warnings: [String]
    }

    let files: WorkspaceFiles
    let databases: any AppDatabases
    let principals: PrincipalRegistry
    let workspaceID: String
    let certificateFile: String
    let nodeCertificateFile: String
    /// The files that programs use to verify HTTPS, by variable.
    let bundles: [String: String]
    let ports: AppPorts
    let installer: AppInstaller
    /// The scopes from which secret resources take their values.
    let secrets: SecretScopes
    /// The workspace's URL, once it is known.
    let host: AsyncPromise<String>

    /// Copies the files of a deployment into place, and reads its manifest.
    ///
    /// - Throws: `AppExit` for what is wrong with the app; others for what is wrong here.
    func prepare(_ order: Order, in folder: AppFolder) async throws -> Prepared {
        try await self.copySource(order, in: folder)
        let source = folder.source(order.version)
        let (manifest, warnings) = try Self.manifest(in: source)
        return Prepared(
            order: order, source: source, environment: folder.environment(order.version), manifest: manifest,
            warnings: warnings)
    }

    /// Prepares a process.
    ///
    /// - Parameter environment: Where its packages of Python are, if it has any of its own.
    /// - Throws: `AppExit` for what is wrong with the app; others for what is wrong here.
    func ready(_ prepared: Prepared, environment: AppInstaller.Installed?, in folder: AppFolder) async throws -> Ready {
        let order = prepared.order
        var resolver = AppValueResolver(
            resources: order.app.resources ?? [], databases: self.databases, secrets: self.secrets)
        let own = try await resolver.values(
            prepared.manifest.env, try folder.variables(of: order.version))
        guard let clientID = order.app.servicePrincipalClientID else {
            throw AppExit(reason: "The app has no service principal")
        }
        let host = try await self.host.value()
        guard let ports = self.ports.plan(for: order.app.name, workspacePort: URL(string: host)?.port) else {
            throw AppExit(reason: "No port is free")
        }
        do {
            let facts = AppEnvironment.Facts(
                app: order.app.name, workspaceID: self.workspaceID, host: host, url: order.app.url ?? "",
                port: ports.told, clientID: clientID)
            let plain = ChildProcess.plainEnvironment
            var variables = AppEnvironment(
                facts, home: folder.home, path: plain["PATH"] ?? "/usr/bin:/bin",
                temporaryFolder: plain["TMPDIR"] ?? "/tmp",
                database: await resolver.firstDatabase(), certificateFile: self.certificateFile,
                nodeCertificateFile: self.nodeCertificateFile, bundles: self.bundles, own: own)
            if let environment { variables.use(environment, own: Set(own.map(\.name))) }
            var command = try AppCommand.resolve(
                order.deployment.command ?? prepared.manifest.command, source: prepared.source, port: ports.told)
            // Debian has it by its other name only.
            if command[0].isExactly("python"), ProgramSearch.find(["python"], path: variables.variables["PATH"]) == nil
            {
                command[0] = "python3"
            }
            return Ready(
                launch: AppProcess.Launch(
                    command: command, folder: prepared.source, environment: variables.variables,
                    secret: self.principals.issueProcessSecret(for: clientID), redirection: ports.redirection),
                ports: ports, secrets: resolver.shown, warnings: resolver.warnings)
        } catch {
            self.ports.release(ports, of: order.app.name)
            throw error
        }
    }

    /// Releases what a process that has ended used: its secret is withdrawn, and its port is free.
    func release(_ ready: Ready, of app: String) {
        if let secret = ready.launch.secret { self.principals.withdrawProcessSecret(secret) }
        self.ports.release(ready.ports, of: app)
    }

    /// Copies the current files, unless that was done before.
    private func copySource(_ order: Order, in folder: AppFolder) async throws {
        let target = folder.source(order.version)
        guard !PrivateFile.isDirectory(target) else { return }
        guard let text = order.deployment.sourceCodePath else {
            throw AppExit(reason: "The deployment names no source")
        }
        let path = try WorkspacePath(text)
        guard await self.files.isFolder(path) else {
            throw AppExit(reason: "The source (\(path.text)) is not a folder of the workspace")
        }
        try PrivateFile.createDirectories(folder.version(order.version), mode: 0o700)
        // In one step, so that a start after a kill never runs a half.
        let unfinished = target + ".new"
        try? FileManager.default.removeItem(atPath: unfinished)
        try await self.files.copy(path, to: unfinished)
        guard rename(unfinished, target) == 0 else {
            throw PrivateFile.Failure(operation: "write", path: target, code: errno)
        }
    }

    static let manifestNames = ["app.yaml", "app.yml"]

    /// Reads the manifest among the files as leniently as the platform does; returns an empty manifest if there is
    /// none.
    private static func manifest(in source: String) throws -> (AppManifest, warnings: [String]) {
        for name in Self.manifestNames {
            guard let data = FileManager.default.contents(atPath: "\(source)/\(name)") else { continue }
            do {
                let (manifest, warnings) = try AppManifest.read(data, file: name, .lenient)
                return (manifest, warnings.map { "\(name):\($0.place): \($0.message)" })
            } catch {
                throw AppExit(reason: "The manifest is wrong:\n\(error)")
            }
        }
        return (AppManifest(), [])
    }
}
