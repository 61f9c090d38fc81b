//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace

/// An app as a value, changed by requests and time, without a clock, a store or randomness.
///
/// Its compute changes its states by time; ``AppLifecycle`` has the state of its process.
struct AppRecord: Codable, Equatable, Sendable {
    /// A temporary state, and the one that follows it.
    struct Change: Codable, Equatable, Sendable {
        var next: Apps.ComputeState?
        var at: Date
    }

    /// A deployment in progress.
    struct Rollout: Codable, Equatable, Sendable {
        var id: String
    }

    /// The state of the app's process.
    struct ProcessState: Equatable, Sendable {
        var status = AppLifecycle.Status.nothing
        /// Whether no process runs or is about to run.
        var isIdle = true
    }

    /// The settings and the identity.
    private(set) var app: Apps.App
    private(set) var compute: Apps.ComputeState
    /// The change of the compute that is in progress; to nothing when the app is being deleted.
    private(set) var change: Change?
    private(set) var rollout: Rollout?
    /// The deployments, the newest first.
    private(set) var deployments: [Apps.Deployment] = []
    private(set) var update: Apps.AppUpdate?
    /// The deployments that use the files of another one, with its id.
    private var versions: [String: String]?
    /// The deployment that ran last; starting the app runs it again.
    private var lastDeployment: String?
    /// The permissions; `nil` in records of versions without permissions.
    private var access: AppAccess?

    init(_ app: Apps.App, isStarted: Bool, now: Date, delay: TimeInterval) {
        self.app = app
        self.compute = .stopped
        if isStarted { self.begin(.starting, then: .active, at: now.addingTimeInterval(delay)) }
    }

    /// The permissions; at first only the creator may manage the app.
    var currentAccess: AppAccess {
        get {
            if let access = self.access { return access }
            var access = AppAccess()
            if let creator = self.app.creator {
                // A user's name is an e-mail address, a service principal's is not.
                let isUser = creator.contains("@")
                access.add([.init(grantee: isUser ? .user(creator) : .servicePrincipal(creator), level: .canManage)])
            }
            return access
        }
        set { self.access = newValue }
    }

    /// Whether the deletion is complete.
    func isGone(_ now: Date, isIdle: Bool) -> Bool {
        if let change = self.change { change.next == nil && change.at <= now && isIdle } else { false }
    }

    /// The app's resource at this time.
    func resource(_ now: Date, _ process: ProcessState) -> Apps.App {
        var record = self
        record.advance(to: now, isIdle: process.isIdle)
        var app = record.app
        app.computeStatus = Apps.ComputeStatus(
            state: record.compute, message: "App compute is \(record.compute.rawValue).",
            activeInstances: record.compute == .active ? 1 : 0)
        app.appStatus = record.status(process.status)
        let asked = (app.userAPIScopes ?? []).filter { scope in
            !TokenScopes.basic.contains { $0.isExactly(scope) }
        }
        app.effectiveUserAPIScopes = TokenScopes.basic + asked
        app.pendingDeployment = record.rollout.flatMap { rollout in
            record.deployments.first { $0.deploymentID == rollout.id }
        }
        return app
    }

    private func status(_ process: AppLifecycle.Status) -> Apps.ApplicationStatus {
        func status(_ state: Apps.ApplicationState, _ message: String) -> Apps.ApplicationStatus {
            Apps.ApplicationStatus(state: state, message: message, runningInstances: state == .running ? 1 : 0)
        }
        switch process {
        case .nothing where self.compute == .active && self.rollout == nil:
            return status(.unavailable, "Nothing is deployed yet.")
        case .nothing: return status(.unavailable, "The app's compute is \(self.compute.rawValue).")
        case .deploying: return status(.deploying, "The app is being started.")
        case .running: return status(.running, "The app runs.")
        case .restarting(let end, let attempt, let limit, let wait):
            let when = wait > .zero ? "in \(wait.components.seconds) s" : "now"
            return status(
                .crashed, "The app is started again \(when), attempt \(attempt) of \(limit). \(end?.description ?? "")")
        case .crashed(let end):
            return status(.crashed, "The app has crashed and is not started again. \(end?.description ?? "")")
        }
    }

    /// Applies the changes that are due at this time.
    ///
    /// - Parameter isIdle: Whether the app has no process: a compute with one does not stop.
    mutating func advance(to now: Date, isIdle: Bool) {
        guard let change = self.change, let next = change.next, change.at <= now, isIdle || next != .stopped else {
            return
        }
        self.compute = next
        self.change = nil
    }

    /// Ends a deployment in progress.
    mutating func finish(_ id: String, _ status: Apps.DeploymentStatus, now: Date) {
        guard self.rollout?.id == id else { return }
        self.rollout = nil
        guard let index = self.deployments.firstIndex(where: { $0.deploymentID == id }) else { return }
        self.deployments[index].status = status
        self.deployments[index].updateTime = now
        if status.state == .succeeded {
            self.app.activeDeployment = self.deployments[index]
            self.app.defaultSourceCodePath = self.deployments[index].sourceCodePath
            self.lastDeployment = id
        }
    }

    /// The name of the folder of a deployment's files.
    func version(of deployment: String) -> String { self.versions?[deployment] ?? deployment }

    /// The folders that are still in use.
    var neededVersions: Set<String> {
        Set(
            [self.rollout?.id, self.app.activeDeployment?.deploymentID, self.lastDeployment]
                .compactMap { $0.map { self.version(of: $0) } })
    }

    /// The deployments to run when the workspace starts: one in progress, and the active one.
    func resumption(_ now: Date) -> (active: String?, rollout: String?) {
        var record = self
        record.advance(to: now, isIdle: true)
        guard record.compute == .active || record.compute == .starting else { return (nil, nil) }
        return (record.app.activeDeployment?.deploymentID, record.rollout?.id)
    }

    /// Sets the address of the app.
    mutating func move(to url: String) { self.app.url = url }

    /// Starts the compute, and deploys the last deployment again; a running compute keeps running.
    ///
    /// - Parameter id: The id of the new deployment.
    /// - Returns: Whether there is a new deployment.
    mutating func start(_ now: Date, delay: TimeInterval, isIdle: Bool, deployment id: String) throws -> Bool {
        try self.settle(now, isIdle, to: "start")
        guard self.compute != .active, self.compute != .starting else { return false }
        self.begin(.starting, then: .active, at: now.addingTimeInterval(delay))
        guard let last = self.lastDeployment, self.rollout == nil,
            var deployment = self.deployments.first(where: { $0.deploymentID == last })
        else { return false }
        deployment.deploymentID = id
        self.versions = (self.versions ?? [:]).merging([id: self.version(of: last)]) { $1 }
        self.roll(out: deployment, id, now)
        return true
    }

    /// Stops the compute and its deployment.
    mutating func stop(_ now: Date, delay: TimeInterval, isIdle: Bool) throws {
        try self.settle(now, isIdle, to: "stop")
        self.cancelRollout(now)
        self.app.activeDeployment = nil
        if self.compute != .stopped { self.begin(.stopping, then: .stopped, at: now.addingTimeInterval(delay)) }
    }

    /// Begins the deletion.
    mutating func delete(_ now: Date, delay: TimeInterval, isIdle: Bool) throws {
        self.advance(to: now, isIdle: isIdle)
        guard self.compute != .deleting else {
            throw APIFailure(
                400, "BAD_REQUEST",
                "Cannot delete app \(self.app.name) as it is not terminal with state DELETING, try again later.")
        }
        self.cancelRollout(now)
        self.begin(.deleting, then: nil, at: now.addingTimeInterval(delay))
    }

    /// Begins a deployment.
    ///
    /// - Parameter deployment: With an id and without values of its environment, which nobody is to read here.
    mutating func deploy(_ deployment: Apps.Deployment, now: Date, isIdle: Bool) throws {
        try self.settle(now, isIdle, to: "deploy")
        guard self.compute == .active else {
            throw APIFailure(
                400, "BAD_REQUEST",
                "Cannot deploy app \(self.app.name): its compute is \(self.compute), start it first.")
        }
        guard self.rollout == nil else {
            throw APIFailure(
                409, "RESOURCE_CONFLICT",
                "Cannot deploy app \(self.app.name) as there is an active deployment in progress.")
        }
        guard let id = deployment.deploymentID, !self.deployments.contains(where: { $0.deploymentID == id }) else {
            throw APIFailure(409, "RESOURCE_ALREADY_EXISTS", "A deployment of that id already exists.")
        }
        self.roll(out: deployment, id, now)
    }

    /// The number of deployments that are kept.
    static let historyLimit = 200

    private mutating func roll(out deployment: Apps.Deployment, _ id: String, _ now: Date) {
        var begun = deployment
        begun.status = Apps.DeploymentStatus(state: .inProgress, message: "The app is being started.")
        (begun.createTime, begun.updateTime) = (now, now)
        self.deployments.insert(begun, at: 0)
        self.rollout = Rollout(id: id)
        guard self.deployments.count > Self.historyLimit else { return }
        let kept = [id, self.lastDeployment, self.app.activeDeployment?.deploymentID]
        guard let oldest = self.deployments.lastIndex(where: { !kept.contains($0.deploymentID) }) else { return }
        if let gone = self.deployments.remove(at: oldest).deploymentID { self.versions?[gone] = nil }
    }

    /// Replaces the settings that `settings` and `mask` name; all settings without a mask.
    mutating func update(
        _ settings: Apps.App, mask: [String]?, by userName: String, now: Date, isIdle: Bool
    ) throws {
        try self.settle(now, isIdle, to: "update")
        var changed = self.app
        for field in mask ?? Self.settings {
            switch field {
            case "description": changed.description = settings.description
            case "resources": changed.resources = settings.resources
            case "user_api_scopes": changed.userAPIScopes = settings.userAPIScopes
            case "compute_size": changed.computeSize = settings.computeSize ?? .medium
            case "compute_min_instances": changed.computeMinInstances = settings.computeMinInstances
            case "compute_max_instances": changed.computeMaxInstances = settings.computeMaxInstances
            case "budget_policy_id": changed.budgetPolicyID = settings.budgetPolicyID
            case "usage_policy_id": changed.usagePolicyID = settings.usagePolicyID
            case "git_repository": changed.gitRepository = settings.gitRepository
            case "git_source": changed.gitSource = settings.gitSource
            // The service takes it, and no released client says what it holds.
            case "compatibility_flags": break
            case "telemetry_export_destinations":
                changed.telemetryExportDestinations = settings.telemetryExportDestinations
            default:
                throw APIFailure.invalid(
                    "Invalid update mask. Only \(Self.settings.joined(separator: ", ")) are allowed. "
                        + "Supplied update mask: \((mask ?? []).joined(separator: ", "))")
            }
        }
        changed.updater = userName
        changed.updateTime = now
        self.app = changed
        guard mask != nil else { return }
        self.update = Apps.AppUpdate(
            status: .init(state: .succeeded, message: "The change is made."), description: changed.description,
            resources: changed.resources, userAPIScopes: changed.userAPIScopes, computeSize: changed.computeSize)
    }

    /// The settings that an update can change.
    ///
    /// In the order in which the service lists them.
    static let settings = [
        "description", "budget_policy_id", "usage_policy_id", "resources", "user_api_scopes", "compute_size",
        "compute_min_instances", "compute_max_instances", "git_repository", "git_source",
        "telemetry_export_destinations", "compatibility_flags",
    ]

    private mutating func begin(_ state: Apps.ComputeState, then next: Apps.ComputeState?, at: Date) {
        self.compute = state
        self.change = Change(next: next, at: at)
    }

    private mutating func cancelRollout(_ now: Date) {
        guard let rollout = self.rollout else { return }
        self.rollout = nil
        guard let index = self.deployments.firstIndex(where: { $0.deploymentID == rollout.id }) else { return }
        self.deployments[index].status = .init(state: .cancelled, message: "The app was stopped or deleted.")
        self.deployments[index].updateTime = now
    }

    private mutating func settle(_ now: Date, _ isIdle: Bool, to verb: String) throws {
        self.advance(to: now, isIdle: isIdle)
        guard self.compute != .deleting else {
            throw APIFailure(400, "BAD_REQUEST", "Cannot \(verb) app \(self.app.name): it is being deleted.")
        }
    }
}
