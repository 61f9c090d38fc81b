//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// The apps of the workspace, kept in a document.
actor AppRegistry {
    private static let document = "apps"

    private let documents: any DocumentStore
    private let principals: PrincipalRegistry
    private let files: WorkspaceFiles
    private let databases: any AppDatabases
    private let workspaceID: String
    private let delay: TimeInterval
    private var records: [String: AppRecord]
    /// Names of apps that are being made, which takes a while when a database has to wake.
    private var names: Set<String> = []

    /// Reads the apps.
    ///
    /// - Parameter delay: How long starts, stops, deployments and deletions take.
    init(
        documents: any DocumentStore, principals: PrincipalRegistry, files: WorkspaceFiles,
        databases: any AppDatabases, workspaceID: String, delay: Duration
    ) throws {
        self.documents = documents
        self.principals = principals
        self.files = files
        self.databases = databases
        self.workspaceID = workspaceID
        self.delay = Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
        self.records = try documents.load([String: AppRecord].self, named: Self.document) ?? [:]
    }

    /// The app of that name.
    func get(_ name: String, _ now: Date = Date()) throws -> Apps.App { try self.record(name, now).resource(now) }

    /// All apps by name.
    func list(_ now: Date = Date()) -> [Apps.App] {
        self.records.values.filter { !$0.isGone(now) }.map { $0.resource(now) }.sorted { $0.name < $1.name }
    }

    /// Makes an app with a service principal of its own, which gets access to the app's databases.
    func create(_ wanted: Apps.App, isStarted: Bool, by identity: LocalIdentity) async throws -> Apps.App {
        let now = Date()
        let name = wanted.name
        guard (1...63).contains(name.utf8.count),
            name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else {
            throw APIFailure.invalid(
                "App name '\(name.prefix(100))' may hold lowercase letters, digits and hyphens only.")
        }
        if self.records[name] != nil || self.names.contains(name) {
            guard let record = self.records[name], record.isGone(now) else {
                throw APIFailure(
                    409, "RESOURCE_ALREADY_EXISTS", "An app with the same name already exists: \(name)")
            }
            try self.forget(name)
        }
        self.names.insert(name)
        defer { self.names.remove(name) }
        for resource in wanted.resources ?? [] { try await self.databases.check(resource) }
        let id = UUID().uuidString.lowercased()
        let principal = try self.principals.change {
            try $0.create(
                IAM.ServicePrincipal(displayName: "app-\(id.prefix(8)) \(name)"),
                applicationID: UUID().uuidString.lowercased())
        }
        var app = wanted
        app.id = id
        app.url = "http://\(name)-\(self.workspaceID).apps.lakebase.localhost"
        app.computeSize = wanted.computeSize ?? .medium
        (app.creator, app.updater) = (identity.userName, identity.userName)
        (app.createTime, app.updateTime) = (now, now)
        app.forwardUserAccessToken = true
        app.servicePrincipalID = principal.id.flatMap { Int64($0) }
        app.servicePrincipalClientID = principal.applicationID
        app.servicePrincipalName = principal.displayName
        (app.activeDeployment, app.pendingDeployment) = (nil, nil)
        app.defaultSourceCodePath = nil
        do {
            try await self.attach(wanted.resources, to: app)
            let record = AppRecord(app, isStarted: isStarted, now: Date(), delay: self.delay)
            try self.keep(name, record)
            return record.resource(Date())
        } catch {
            if let id = principal.id { try? self.principals.change { try $0.delete(id) } }
            throw error
        }
    }

    func start(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        try self.change(name, now) { try $0.start(now, delay: self.delay) }
    }

    func stop(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        try self.change(name, now) { try $0.stop(now, delay: self.delay) }
    }

    func delete(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        try self.change(name, now) { try $0.delete(now, delay: self.delay) }
    }

    func update(_ name: String, to settings: Apps.App, mask: [String]?, by identity: LocalIdentity) async throws
        -> Apps.App
    {
        if mask?.contains("resources") ?? true {
            try await self.attach(settings.resources, to: self.record(name, Date()).app)
        }
        let now = Date()
        return try self.change(name, now) { try $0.update(settings, mask: mask, by: identity.userName, now: now) }
    }

    private func attach(_ resources: [Apps.Resource]?, to app: Apps.App) async throws {
        guard let applicationID = app.servicePrincipalClientID else { return }
        for resource in resources ?? [] { try await self.databases.attach(resource, applicationID: applicationID) }
    }

    /// The latest update that was made with a mask.
    func latestUpdate(_ name: String, _ now: Date = Date()) throws -> Apps.AppUpdate {
        try self.record(name, now).update ?? Apps.AppUpdate(status: .init(state: .notUpdated))
    }

    /// What was given to whom for an app.
    func access(to name: String, _ now: Date = Date()) throws -> AppAccess { try self.record(name, now).currentAccess }

    func changeAccess(to name: String, _ now: Date = Date(), _ body: @Sendable (inout AppAccess) -> Void) throws {
        _ = try self.change(name, now) { body(&$0.currentAccess) }
    }

    /// Begins a deployment, which fails when there is no such folder.
    func deploy(_ wanted: Apps.Deployment, to name: String, by identity: LocalIdentity) async throws -> Apps.Deployment
    {
        let known = try self.record(name, Date())
        var deployment = wanted
        deployment.sourceCodePath = wanted.sourceCodePath ?? known.app.defaultSourceCodePath
        var problem: String?
        if wanted.gitSource != nil {
            problem = "The local workspace does not fetch from repositories; import the source and name its folder."
        } else if let source = deployment.sourceCodePath {
            let path = try WorkspacePath(source)
            if await !self.files.isFolder(path) {
                problem = "The source (\(path.text)) is not a folder of the workspace."
            }
        } else {
            throw APIFailure.invalid("Field 'source_code_path' is required.")
        }
        let id = wanted.deploymentID ?? UUID().uuidString.lowercased().replacing("-", with: "")
        deployment.deploymentID = id
        deployment.mode = wanted.mode ?? .snapshot
        deployment.creator = identity.userName
        deployment.deploymentArtifacts = .init(sourceCodePath: deployment.sourceCodePath)
        deployment.envVars = wanted.envVars?.map { .init(name: $0.name, valueFrom: $0.valueFrom) }
        let now = Date()
        let (begun, failure) = (deployment, problem)
        _ = try self.change(name, now) { try $0.deploy(begun, problem: failure, now: now, delay: self.delay) }
        return try self.deployment(id, of: name, now)
    }

    /// A deployment by its id.
    func deployment(_ id: String, of name: String, _ now: Date = Date()) throws -> Apps.Deployment {
        guard let deployment = try self.deployments(of: name, now).first(where: { $0.deploymentID == id }) else {
            throw APIFailure.notFound("Deployment \(id) of app \(name) not found.")
        }
        return deployment
    }

    /// The deployments of an app, the newest first.
    func deployments(of name: String, _ now: Date = Date()) throws -> [Apps.Deployment] {
        var record = try self.record(name, now)
        record.advance(to: now)
        return record.deployments
    }

    private func record(_ name: String, _ now: Date) throws -> AppRecord {
        guard let record = self.records[name], !record.isGone(now) else {
            throw APIFailure.notFound("App with name \(name) does not exist or is deleted.")
        }
        return record
    }

    private func change(_ name: String, _ now: Date, _ body: (inout AppRecord) throws -> Void) throws -> Apps.App {
        var record = try self.record(name, now)
        try body(&record)
        try self.keep(name, record)
        return record.resource(now)
    }

    private func keep(_ name: String, _ record: AppRecord?) throws {
        var changed = self.records
        changed[name] = record
        try self.documents.save(changed, named: Self.document)
        self.records = changed
    }

    /// Drops an app whose deletion is over, and its service principal.
    private func forget(_ name: String) throws {
        let principal = self.records[name]?.app.servicePrincipalID
        try self.keep(name, nil)
        if let principal { try? self.principals.change { try $0.delete(String(principal)) } }
    }

    /// Drops all apps whose deletion is over.
    func sweep(_ now: Date = Date()) throws {
        for (name, record) in self.records where record.isGone(now) { try self.forget(name) }
    }
}
