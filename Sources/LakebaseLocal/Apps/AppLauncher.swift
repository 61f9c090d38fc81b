//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import Databricks
import ExactText
import Foundation
import Secrets

/// Makes a process of a deployment: its files, its command, its environment, its secret.
struct AppLauncher: Sendable {
    /// What a deployment is to run as.
    struct Order: Sendable {
        var app: Apps.App
        var deployment: Apps.Deployment
        /// The folder of the version, which several deployments may share.
        var version: String
    }

    /// A process that can be started.
    struct Ready: Sendable {
        var launch: AppProcess.Launch
        var port: Int
        /// What does no harm and should be known.
        var warnings: [String]
    }

    let files: WorkspaceFiles
    let databases: any AppDatabases
    let principals: PrincipalRegistry
    let workspaceID: String
    let certificateFile: String
    /// The workspace's URL, once it is known.
    let host: OneTimeValue<String>

    /// Prepares a process.
    ///
    /// - Throws: `AppEnd` for what is wrong with the app; others for what is wrong here.
    func prepare(_ order: Order, in folder: AppFolder) async throws -> Ready {
        try await self.copySource(order, in: folder)
        let source = folder.source(order.version)
        let (manifest, doubts) = try Self.manifest(in: source)
        var resolver = Resolver(resources: order.app.resources ?? [], databases: self.databases)
        var own: [(name: String, value: String)] = []
        for variable in manifest.env {
            switch variable.source {
            case .value(let value): own.append((variable.name, value))
            case .valueFrom(let key):
                if let value = await resolver.value(of: key, for: variable.name) { own.append((variable.name, value)) }
            }
        }
        for variable in try folder.variables(of: order.version) {
            let name = variable.name ?? ""
            if let value = variable.value {
                value.withUnsafeValue { own.append((name, $0)) }
            } else if let key = variable.valueFrom {
                if let value = await resolver.value(of: key, for: name) { own.append((name, value)) }
            }
        }
        let warnings = doubts + resolver.warnings
        guard let clientID = order.app.servicePrincipalClientID else {
            throw AppEnd(reason: "The app has no service principal")
        }
        guard case .free(let port) = LoopbackAddress.probe(.init(address: "0.0.0.0", port: 0)) else {
            throw AppEnd(reason: "No port is free")
        }
        let command = try AppCommand.resolve(
            order.deployment.command ?? manifest.command, source: source, port: port)
        let facts = AppEnvironment.Facts(
            app: order.app.name, workspaceID: self.workspaceID, host: try await self.host.value(), port: port,
            clientID: clientID)
        let plain = ChildProcess.plainEnvironment
        let environment = AppEnvironment(
            facts, home: folder.home, path: plain["PATH"] ?? "/usr/bin:/bin",
            temporaryFolder: plain["TMPDIR"] ?? "/tmp",
            database: try await resolver.firstDatabase(), certificateFile: self.certificateFile, own: own)
        return Ready(
            launch: AppProcess.Launch(
                command: command, folder: source, environment: environment.variables,
                secret: self.principals.issueProcessSecret(for: clientID)),
            port: port, warnings: warnings)
    }

    /// A process of this launch is gone: its secret opens nothing any more.
    func release(_ launch: AppProcess.Launch) { self.principals.withdrawProcessSecret(launch.secret) }

    /// Copies the files as they are now, unless that was done before.
    private func copySource(_ order: Order, in folder: AppFolder) async throws {
        let target = folder.source(order.version)
        guard !PrivateFile.isDirectory(target) else { return }
        guard let text = order.deployment.sourceCodePath else { throw AppEnd(reason: "The deployment names no source") }
        let path = try WorkspacePath(text)
        guard await self.files.isFolder(path) else {
            throw AppEnd(reason: "The source (\(path.text)) is not a folder of the workspace")
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

    /// The manifest among the files, read as leniently as the platform does; one that says nothing if there is none.
    private static func manifest(in source: String) throws -> (AppManifest, warnings: [String]) {
        for name in Self.manifestNames {
            guard let data = FileManager.default.contents(atPath: "\(source)/\(name)") else { continue }
            do {
                let (manifest, warnings) = try AppManifest.read(data, file: name, .lenient)
                return (manifest, warnings.map { "\(name):\($0.place): \($0.message)" })
            } catch {
                throw AppEnd(reason: "The manifest is wrong:\n\(error)")
            }
        }
        return (AppManifest(), [])
    }

    /// Resources by their keys.
    private struct Resolver {
        let resources: [Apps.Resource]
        let databases: any AppDatabases
        /// What could not be found.
        private(set) var warnings: [String] = []

        init(resources: [Apps.Resource], databases: any AppDatabases) {
            self.resources = resources
            self.databases = databases
        }

        /// What `valueFrom` with that key is for a variable; `nil` with a warning if it is nothing.
        ///
        /// The platform starts an app whose `valueFrom` names nothing (databricks-tellr 0.4.2 has `system.databricks_host` for a variable that the platform
        /// sets itself), so that it is no reason here either. The variable is what the platform makes it.
        mutating func value(of key: String, for name: String) async -> String? {
            let reason: String
            if let resource = self.resources.first(where: { $0.name.isExactly(key) }) {
                do {
                    return try AppValueSource.value(of: resource, connection: try await self.connection(of: resource))
                } catch let end as AppEnd {
                    reason = end.description
                } catch {
                    reason = "the resource cannot be looked at: \(error)"
                }
            } else {
                let names = self.resources.map { "'\($0.name)'" }.joined(separator: ", ")
                reason = "the app has no resource of that name (it has \(names.isEmpty ? "none" : names))"
            }
            self.warnings.append("the variable \(name) has valueFrom '\(key)' and is not set by it: \(reason)")
            return nil
        }

        /// The first of the app's resources that is a database.
        func firstDatabase() async throws -> AppEnvironment.Connection? {
            guard let first = self.resources.first(where: { $0.postgres != nil || $0.database != nil }) else {
                return nil
            }
            return try await self.connection(of: first)
        }

        private func connection(of resource: Apps.Resource) async throws -> AppEnvironment.Connection? {
            do {
                return try await self.databases.connection(of: resource)
            } catch let failure as APIFailure {
                throw AppEnd(reason: "The resource '\(resource.name)' is not there any more: \(failure.message)")
            }
        }
    }
}
