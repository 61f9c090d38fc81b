//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The apps of the workspace, stored in a document, and their processes.
actor AppRegistry {
    private static let document = "apps"

    private let documents: any DocumentStore
    private let principals: PrincipalRegistry
    private let databases: any AppDatabases
    private let runtime: AppRuntime
    private let delay: TimeInterval
    private var records: [String: AppRecord]
    /// The names of apps that are being created, which takes a while when a database has to wake.
    private var names: Set<String> = []

    /// Reads the apps.
    ///
    /// - Parameter delay: How long starts and stops of computes and deletions take at least.
    init(
        documents: any DocumentStore, principals: PrincipalRegistry, databases: any AppDatabases, runtime: AppRuntime,
        delay: Duration
    ) throws {
        self.documents = documents
        self.principals = principals
        self.databases = databases
        self.runtime = runtime
        self.delay = Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
        self.records = try documents.load([String: AppRecord].self, named: Self.document) ?? [:]
    }

    /// Starts the apps that ran when the workspace was stopped.
    func open() async throws {
        try await self.sweep()
        let now = Date()
        for (name, record) in self.records.sorted(by: { $0.key < $1.key }) {
            guard let host = try self.host(name) else { continue }
            let resumption = record.resumption(now)
            if let active = resumption.active { host.send(.resume(active)) }
            if let rollout = resumption.rollout { host.send(.deploy(rollout)) }
        }
    }

    /// The app of that name.
    func get(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        try self.record(name, now).resource(now, self.process(name))
    }

    /// All apps by name.
    func list(_ now: Date = Date()) -> [Apps.App] {
        self.records.filter { !$0.value.isGone(now, isIdle: self.process($0.key).isIdle) }
            .map { $0.value.resource(now, self.process($0.key)) }.sorted { $0.name < $1.name }
    }

    /// Creates an app with a service principal of its own, which gets access to the app's databases.
    func create(_ wanted: Apps.App, isStarted: Bool, by identity: LocalIdentity) async throws -> Apps.App {
        let now = Date()
        let name = wanted.name
        guard AppFolder.isName(name) else {
            throw APIFailure.invalid(
                "App name '\(name.prefix(100))' may hold lowercase letters, digits and hyphens only.")
        }
        if self.records[name] != nil || self.names.contains(name) {
            guard let record = self.records[name], record.isGone(now, isIdle: self.process(name).isIdle) else {
                throw APIFailure(
                    409, "RESOURCE_ALREADY_EXISTS", "An app with the same name already exists: \(name)")
            }
            try await self.forget(name)
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
        app.url = try self.runtime.address(remembered: nil)
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
            // The reason why it has no address now is reported to the client that deploys.
            _ = try? self.host(name)
            return record.resource(Date(), self.process(name))
        } catch {
            if let id = principal.id { try? self.principals.change { try $0.delete(id) } }
            throw error
        }
    }

    func start(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        let id = Self.newID()
        var isDeployed = false
        let isIdle = self.process(name).isIdle
        let app = try self.change(name, now) {
            isDeployed = try $0.start(now, delay: self.delay, isIdle: isIdle, deployment: id)
        }
        guard isDeployed else { return app }
        try self.host(name)?.send(.deploy(id))
        return try self.get(name, now)
    }

    func stop(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        let isIdle = self.process(name).isIdle
        _ = try self.change(name, now) { try $0.stop(now, delay: self.delay, isIdle: isIdle) }
        try self.host(name)?.send(.stop)
        return try self.get(name, now)
    }

    func delete(_ name: String, _ now: Date = Date()) throws -> Apps.App {
        let isIdle = self.process(name).isIdle
        _ = try self.change(name, now) { try $0.delete(now, delay: self.delay, isIdle: isIdle) }
        try self.host(name)?.send(.stop)
        return try self.get(name, now)
    }

    private static func newID() -> String { UUID().uuidString.lowercased().replacing("-", with: "") }

    func update(_ name: String, to settings: Apps.App, mask: [String]?, by identity: LocalIdentity) async throws
        -> Apps.App
    {
        if mask?.contains("resources") ?? true {
            try await self.attach(settings.resources, to: self.record(name, Date()).app)
        }
        let now = Date()
        let isIdle = self.process(name).isIdle
        return try self.change(name, now) {
            try $0.update(settings, mask: mask, by: identity.userName, now: now, isIdle: isIdle)
        }
    }

    private func attach(_ resources: [Apps.Resource]?, to app: Apps.App) async throws {
        guard let applicationID = app.servicePrincipalClientID else { return }
        for resource in resources ?? [] { try await self.databases.attach(resource, applicationID: applicationID) }
    }

    /// The latest update that was made with a mask.
    func latestUpdate(_ name: String, _ now: Date = Date()) throws -> Apps.AppUpdate {
        try self.record(name, now).update ?? Apps.AppUpdate(status: .init(state: .notUpdated))
    }

    /// The permissions on an app.
    func access(to name: String, _ now: Date = Date()) throws -> AppAccess { try self.record(name, now).currentAccess }

    /// The permissions that the service principals of apps have on secret scopes, through their resources.
    ///
    /// The service gives it for the whole scope (Databricks: Add a secret resource to a Databricks app).
    func scopeGrants() -> [(scope: String, principal: String, permission: ScopePermission)] {
        self.records.values.flatMap { record in
            guard let principal = record.app.servicePrincipalClientID else {
                return [(scope: String, principal: String, permission: ScopePermission)]()
            }
            return (record.app.resources ?? []).compactMap { resource in
                guard let secret = resource.secret, let scope = secret.scope else { return nil }
                let permission = secret.permission.flatMap { ScopePermission(rawValue: $0.rawValue) }
                return (scope: scope, principal: principal, permission: permission ?? .read)
            }
        }
    }

    /// The names of the apps whose permissions match.
    func names(where fits: (AppAccess) -> Bool) -> Set<ExactText> {
        Set(self.records.filter { fits($0.value.currentAccess) }.map { ExactText($0.key) })
    }

    func changeAccess(to name: String, _ now: Date = Date(), _ body: @Sendable (inout AppAccess) -> Void) throws {
        _ = try self.change(name, now) { body(&$0.currentAccess) }
    }

    /// Begins a deployment of the current files.
    func deploy(_ wanted: Apps.Deployment, to name: String, by identity: LocalIdentity) throws -> Apps.Deployment {
        let known = try self.record(name, Date())
        var deployment = wanted
        deployment.sourceCodePath = wanted.sourceCodePath ?? known.app.defaultSourceCodePath
        guard wanted.gitSource == nil else {
            throw APIFailure.notEmulated("sources in repositories; import the files and name their folder")
        }
        guard let source = deployment.sourceCodePath else {
            throw APIFailure.invalid("Field 'source_code_path' is required.")
        }
        _ = try WorkspacePath(source)
        let id = wanted.deploymentID ?? Self.newID()
        guard AppFolder.isVersion(id) else {
            throw APIFailure.invalid("Field 'deployment_id' may hold letters, digits, hyphens and underscores only.")
        }
        try Self.check(wanted.envVars ?? [])
        deployment.deploymentID = id
        deployment.mode = wanted.mode ?? .snapshot
        deployment.creator = identity.userName
        deployment.deploymentArtifacts = .init(sourceCodePath: deployment.sourceCodePath)
        deployment.envVars = wanted.envVars?.map { .init(name: $0.name, valueFrom: $0.valueFrom) }
        let now = Date()
        let isIdle = self.process(name).isIdle
        var changed = known
        try changed.deploy(deployment, now: now, isIdle: isIdle)
        guard let host = try self.host(name) else {
            throw APIFailure(503, "TEMPORARILY_UNAVAILABLE", "The local workspace is being stopped.")
        }
        try host.folder.keep(wanted.envVars ?? [], of: id)
        try self.keep(name, changed)
        host.send(.deploy(id))
        return try self.deployment(id, of: name, now)
    }

    private static func check(_ variables: [Apps.EnvironmentVariable]) throws {
        for variable in variables {
            let name = variable.name ?? ""
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 != 61 && $0 != 0 }),
                (variable.value == nil) != (variable.valueFrom == nil),
                variable.value?.withUnsafeValue({ !$0.utf8.contains(0) }) ?? true
            else {
                throw APIFailure.invalid(
                    "Variable '\(name.prefix(100))' needs a name without '=', and either 'value' or 'value_from'.")
            }
        }
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
        let host = self.runtime.fleet.host(name)
        return try self.record(name, now).deployments.map { deployment in
            guard deployment.status?.state == .inProgress, let id = deployment.deploymentID,
                let progress = host?.progress(of: id)
            else { return deployment }
            var told = deployment
            told.status?.message = progress
            return told
        }
    }

    private func record(_ name: String, _ now: Date) throws -> AppRecord {
        guard let record = self.records[name], !record.isGone(now, isIdle: self.process(name).isIdle) else {
            throw APIFailure.notFound("App with name \(name) does not exist or is deleted.")
        }
        return record
    }

    private func change(_ name: String, _ now: Date, _ body: (inout AppRecord) throws -> Void) throws -> Apps.App {
        var record = try self.record(name, now)
        try body(&record)
        try self.keep(name, record)
        return record.resource(now, self.process(name))
    }

    private func keep(_ name: String, _ record: AppRecord?) throws {
        var changed = self.records
        changed[name] = record
        try self.documents.save(changed, named: Self.document)
        self.records = changed
    }

    /// Removes an app whose deletion is complete: its service principal, its files, its log.
    private func forget(_ name: String) async throws {
        let principal = self.records[name]?.app.servicePrincipalID
        try self.keep(name, nil)
        if let principal { try? self.principals.change { try $0.delete(String(principal)) } }
        // The name is reserved until its folder is removed.
        let isTaken = !self.names.insert(name).inserted
        await self.runtime.fleet.remove(name)
        self.runtime.folder(name).remove()
        if !isTaken { self.names.remove(name) }
    }

    /// Removes all apps whose deletion is complete.
    func sweep(_ now: Date = Date()) async throws {
        for (name, record) in self.records where record.isGone(now, isIdle: self.process(name).isIdle) {
            try await self.forget(name)
        }
    }
}

/// The processes of apps.
extension AppRegistry {
    /// The state of an app's process.
    private func process(_ name: String) -> AppRecord.ProcessState {
        guard let host = self.runtime.fleet.host(name) else { return AppRecord.ProcessState() }
        return AppRecord.ProcessState(status: host.status, isIdle: host.isIdle)
    }

    /// The supervisor of an app; `nil` when the workspace is ending.
    private func host(_ name: String) throws -> AppSupervisor? {
        if let host = self.runtime.fleet.host(name) { return host }
        guard var record = self.records[name] else { return nil }
        let url = try self.runtime.address(remembered: record.app.url)
        if url != record.app.url {
            record.move(to: url)
            try self.keep(name, record)
        }
        return try self.runtime.add(
            name, url: url,
            surroundings: AppRuntime.Surroundings(
                order: { [weak self] deployment in
                    guard let self else { throw CancellationError() }
                    return try await self.order(deployment, of: name)
                },
                report: { [weak self] report in await self?.take(report, of: name) },
                status: { [weak self] in await self?.statusText(of: name) ?? "" },
                visitorScopes: { [weak self] in await self?.visitorScopes(name) }))
    }

    private func order(_ id: String, of name: String) throws -> AppLauncher.Order {
        let record = try self.record(name, Date())
        guard let deployment = record.deployments.first(where: { $0.deploymentID == id }) else {
            throw APIFailure.notFound("Deployment \(id) of app \(name) not found.")
        }
        return AppLauncher.Order(app: record.app, deployment: deployment, version: record.version(of: id))
    }

    private func take(_ report: AppSupervisor.Report, of name: String) {
        guard var record = self.records[name] else { return }
        switch report {
        case .succeeded(let id):
            record.finish(id, .init(state: .succeeded, message: "The app listens on its port."), now: Date())
        case .failed(let id, let end):
            record.finish(id, .init(state: .failed, message: end.description), now: Date())
        }
        // A state that cannot be stored is written again at the next start.
        try? self.keep(name, record)
        self.runtime.folder(name).removeVersions(except: record.neededVersions)
    }

    private func statusText(of name: String) -> String {
        (try? self.get(name))?.appStatus.flatMap { status in
            // The first line only: what follows are lines of its log.
            status.message?.split(separator: "\n").first.map(String.init)
        } ?? ""
    }

    /// The scopes of the visitor tokens that the app gets; `nil` if it gets none.
    private func visitorScopes(_ name: String) -> [String]? {
        let wanted = self.records[name]?.app.userAPIScopes ?? []
        return wanted.isEmpty ? nil : TokenScopes.forwarded(wanted)
    }

    /// A part of an app's log.
    ///
    /// - Parameter wait: How long to wait for a line when there is none.
    func logs(of name: String, count: Int, after number: Int?, wait: Duration) async throws -> LocalAppLog.Page {
        _ = try self.record(name, Date())
        guard let log = try self.host(name)?.log else { return LocalAppLog.Page(lines: [], last: 0) }
        let deadline = ContinuousClock.now + wait
        while let number, log.last <= number, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(50))
        }
        return log.tail(count: count, after: number ?? 0)
    }
}
