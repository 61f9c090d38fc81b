//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The app, its files and its deployments.
extension DeployExecutor {
    func createApp(_ name: String, description: String?) async throws {
        try await self.gone(name)
        let app = Apps.App(
            name: name, description: description, resources: [try await self.databaseResource()])
        try await self.make("app \(name)") {
            _ = try await self.wait(try await self.workspace.apps.create(app))
        } unless: { () async throws(DatabricksError) in
            try await self.workspace.apps.get(name)
        }
        let there = try await self.poll("the app \(name) is not ready", within: self.options.stepLimit) {
            let app = try await self.workspace.apps.get(name)
            return app.computeStatus?.state == .starting ? nil : app
        }
        if try AppResources.attaching(try await self.databaseResource(), to: there.resources ?? []) != nil {
            try await self.attachDatabase(to: name)
        }
    }

    /// Waits until an app that is being deleted has freed its name, which takes the service up to 20 minutes.
    private func gone(_ name: String) async throws {
        try await self.poll("the app \(name) is still being deleted", within: self.options.stepLimit) {
            let app = try await self.reader.app(name)
            return app?.computeStatus?.state == .deleting ? nil : ()
        }
    }

    func describeApp(_ name: String, _ description: String) async throws {
        _ = try await self.wait(
            try await self.workspace.apps.createUpdate(
                name, to: Apps.App(name: name, description: description), mask: ["description"]))
    }

    /// Attaches the database beside what is attached at this moment.
    ///
    /// Only the resources are sent: the service clears what a whole app leaves out.
    func attachDatabase(to name: String) async throws {
        let app = try await self.workspace.apps.get(name)
        let wanted = try AppResources.attaching(try await self.databaseResource(), to: app.resources ?? [])
        guard let wanted else { return }
        _ = try await self.wait(
            try await self.workspace.apps.createUpdate(
                name, to: Apps.App(name: name, resources: wanted), mask: ["resources"]))
        let now = try await self.workspace.apps.get(name).resources ?? []
        let lost = wanted.filter { resource in !now.contains { $0.name == resource.name } }
        guard lost.isEmpty else {
            throw DeployError(
                .failed, "the service took the resources of \(name) and does not have all of them",
                details: lost.map(AppResources.text), remedy: "run this again")
        }
    }

    /// The database as a resource, by the names that it has now.
    private func databaseResource() async throws -> Apps.Resource {
        switch self.desired.lakebase.target {
        case .provisioned: return DeployPlan.resource(self.desired, database: self.desired.lakebase.database)
        case .autoscaling(let place):
            guard
                let name = try await self.reader.database(self.desired.lakebase.database, on: place.branchName)?.name
            else {
                throw DeployError(
                    .failed, "there is no database \(self.desired.lakebase.database) on \(place.branchName)",
                    remedy: "run this again, which makes it")
            }
            return DeployPlan.resource(self.desired, database: name)
        }
    }

    func startApp(_ name: String) async throws {
        // A compute that is stopping cannot be started yet.
        let app = try await self.poll("the app \(name) is still being stopped", within: self.options.stepLimit) {
            let app = try await self.workspace.apps.get(name)
            return app.computeStatus?.state == .stopping ? nil : app
        }
        guard app.computeStatus?.state != .active else { return }
        _ = try await self.wait(try await self.workspace.apps.start(name))
    }

    func deleteApp(_ name: String) async throws {
        guard let app = try await self.reader.app(name) else { return }
        if app.computeStatus?.state != .deleting {
            try await self.delete { try await self.wait(try await self.workspace.apps.delete(name)) }
        }
        try await self.gone(name)
    }

    func deleteFiles(_ path: String) async throws {
        try await self.delete { try await self.workspace.workspace.delete(path, recursive: true) }
    }

    // MARK: Files

    /// How many files are on their way at a time.
    private static let uploadWidth = 4

    func upload() async throws {
        let folder = try await self.folderPath()
        let key = try await self.resourceKey()
        let files = try DeployPlan.files(self.desired, key: key)
        var found = try await self.reader.folder(folder)
        let changes = found.changes(to: files)
        let root = "\(folder)/source"
        try await self.makeFolders(changes.write.map { "\(root)/\($0.path)" } + ["\(root)/app.yaml"])
        try await self.write(changes.write, below: root)
        for path in changes.remove {
            try await self.delete { try await self.workspace.workspace.delete("\(root)/\(path)") }
        }
        found.files = try await self.reader.files(below: root)
        found.record.files = Dictionary(
            files.files.compactMap { file in
                found.files[file.path].map { (file.path, .init(checksum: file.checksum, file: $0)) }
            }
        ) { $1 }
        try await self.keep(found.record, in: folder)
    }

    private func makeFolders(_ paths: [String]) async throws {
        let folders = Set(
            paths.compactMap { path in path.utf8.lastIndex(of: UInt8(ascii: "/")).map { ExactText(path[..<$0]) } })
        // The deepest are enough: parents come along.
        for folder in folders.sorted()
        where !folders.contains(where: { $0.text.startsExactly(with: folder.text + "/") }) {
            try await self.workspace.workspace.mkdirs(folder.text)
        }
    }

    private func write(_ files: [SourceFile], below root: String) async throws {
        let (workspace, report) = (self.workspace.workspace, self.report)
        try await withThrowingTaskGroup(of: SourceFile.self) { group in
            var waiting = files[...]
            var done = 0
            while let file = waiting.popFirst() {
                if files.count - waiting.count > Self.uploadWidth {
                    _ = try await group.next()
                    done += 1
                    report(.progress("\(done) of \(files.count) files"))
                }
                // As it is: the import call makes a notebook of a file that begins like one, and takes its extension away.
                group.addTask {
                    try await workspace.upload(try file.read(), to: "\(root)/\(file.path)", overwrite: true)
                    return file
                }
            }
            try await group.waitForAll()
        }
    }

    private func keep(_ record: WorkspaceFolder.Record, in folder: String) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try await self.workspace.workspace.upload(
            try encoder.encode(record), to: "\(folder)/record.json", overwrite: true)
    }

    private func folderPath() async throws -> String {
        WorkspaceFolder.path(app: self.desired.app, of: try await self.reader.userName())
    }

    /// The key of the database among the resources that the app has now.
    private func resourceKey() async throws -> String {
        let app = try await self.workspace.apps.get(self.desired.app)
        return AppResources.key(of: try await self.databaseResource(), among: app.resources ?? [])
    }

    // MARK: Deployment

    func deploy(_ name: String) async throws {
        let folder = try await self.folderPath()
        let fingerprint = try DeployPlan.fingerprint(self.desired, key: try await self.resourceKey())
        let before = try await self.workspace.apps.get(name).activeDeployment?.deploymentID
        guard let pending = try await self.begin(name, folder: folder, fingerprint: fingerprint) else {
            return self.report(.note("another deployment has deployed the same files"))
        }
        let id = pending.initial.deploymentID ?? ""
        var record = try await self.reader.folder(folder).record
        record.deployment = .init(id: id, fingerprint: fingerprint)
        try await self.keep(record, in: folder)
        do {
            _ = try await self.wait(pending)
        } catch {
            throw try await self.crash(of: name, deployment: id, before: before, error)
        }
        try await self.runs(name, deployment: id, before: before)
    }

    /// Begins a deployment as soon as no other one is under way.
    ///
    /// - Returns: Nil when another one, which was waited for, was of the same version and runs.
    private func begin(_ name: String, folder: String, fingerprint: String) async throws
        -> PendingResult<Apps.Deployment, Apps.Deployment>?
    {
        let wanted = Apps.Deployment(sourceCodePath: "\(folder)/source", mode: .snapshot)
        var hasWaited = false
        return try await self.poll("other deployments of \(name) do not end", within: self.options.stepLimit) {
            if hasWaited {
                let app = try await self.workspace.apps.get(name)
                guard app.pendingDeployment == nil else { return nil }
                let record = try await self.reader.folder(folder).record.deployment
                if record?.fingerprint == fingerprint, record?.id == app.activeDeployment?.deploymentID,
                    app.appStatus?.state == .running
                {
                    return .some(nil)
                }
            }
            do {
                return .some(try await self.workspace.apps.deploy(wanted, to: name))
            } catch let error as DatabricksError where error.code == .conflict || error.isAboutAnotherDeployment {
                hasWaited = true
                self.report(.progress("waiting for another deployment"))
                return nil
            }
        }
    }

    /// Waits until the process of the app runs.
    private func runs(_ name: String, deployment id: String, before: String?) async throws {
        let app = try await self.poll("the app \(name) is deployed and does not run", within: self.options.runLimit) {
            let app = try await self.workspace.apps.get(name)
            switch app.appStatus?.state {
            case .running?, .crashed?: return app
            default:
                self.report(.progress(app.appStatus?.message ?? "waiting for the app"))
                return nil as Apps.App?
            }
        }
        if app.appStatus?.state == .crashed {
            throw try await self.crash(of: name, deployment: id, before: before, nil)
        }
    }

    /// Says what became of a version that does not run: with the last lines that the platform has of it, and with what runs instead.
    private func crash(of name: String, deployment id: String, before: String?, _ error: (any Error)?) async throws
        -> any Error
    {
        // Giving up is not a crash: the deployment goes on at the service.
        if let error = error as? DatabricksError, error.code != .serverError { return error }
        let deployment = try? await self.workspace.apps.getDeployment(id, of: name)
        let app = try? await self.workspace.apps.get(name)
        let stillRuns =
            app?.appStatus?.state == .running && app?.activeDeployment?.deploymentID == before && before != nil
        let words = [deployment?.status?.message, stillRuns ? nil : app?.appStatus?.message].compactMap { $0 }.filter {
            !$0.isEmpty
        }
        var lines: [String] = []
        for line in words.flatMap({ $0.split(whereSeparator: \.isNewline) }).map({ Self.printable(String($0)) })
        where !lines.contains(line) {
            lines.append(line)
        }
        let outcome =
            stillRuns
            ? "the version before, \(before ?? ""), goes on running" : "no version of it runs now"
        return DeployError(
            .crashed, "the new version of \(name) does not run (deployment \(id)); \(outcome). No data was deleted",
            details: lines.suffix(40).map { $0 },
            remedy: "correct it, and run lakebase deploy update; what migrations did is still done", underlying: error)
    }

    private static func printable(_ line: String) -> String {
        String(
            String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" }))
    }
}

extension DatabricksError {
    /// Whether a deployment was refused because another one is under way; the service has said so with several statuses.
    fileprivate var isAboutAnotherDeployment: Bool {
        self.code == .invalidRequest && self.message.contains("active deployment in progress")
    }
}
