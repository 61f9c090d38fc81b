//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// An app as a value: what requests and time do to it, without a clock, a store or chance.
///
/// Nothing runs behind it. Its compute and its deployments go through their states by themselves, and its status says that no process does.
struct AppRecord: Codable, Equatable, Sendable {
    /// A state that another one follows by itself.
    struct Change: Codable, Equatable, Sendable {
        var next: Apps.ComputeState?
        var at: Date
    }

    /// A deployment that is under way, and how it will end.
    struct Rollout: Codable, Equatable, Sendable {
        var id: String
        var outcome: Apps.DeploymentStatus
        var at: Date
    }

    /// The settings and the identity.
    private(set) var app: Apps.App
    private(set) var compute: Apps.ComputeState
    /// What the compute is on its way to; to nothing when the app is on its way out.
    private(set) var change: Change?
    private(set) var rollout: Rollout?
    /// The newest first.
    private(set) var deployments: [Apps.Deployment] = []
    private(set) var update: Apps.AppUpdate?
    /// `nil` in records from before there were permissions.
    private var access: AppAccess?

    static let computeMessage = "A state only: lakebase dev does not run the processes of apps yet."
    static let appMessage = "lakebase dev keeps apps as resources: it does not run their processes yet."

    init(_ app: Apps.App, isStarted: Bool, now: Date, delay: TimeInterval) {
        self.app = app
        self.compute = .stopped
        if isStarted { self.begin(.starting, then: .active, at: now.addingTimeInterval(delay)) }
    }

    /// What was given to whom: at first everything to who made it.
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

    /// Whether the deletion is over.
    func isGone(_ now: Date) -> Bool {
        if let change = self.change { change.next == nil && change.at <= now } else { false }
    }

    /// What the app is by now.
    func resource(_ now: Date) -> Apps.App {
        var record = self
        record.advance(to: now)
        var app = record.app
        app.computeStatus = Apps.ComputeStatus(
            state: record.compute, message: Self.computeMessage, activeInstances: record.compute == .active ? 1 : 0)
        app.appStatus = Apps.ApplicationStatus(state: .unavailable, message: Self.appMessage, runningInstances: 0)
        app.pendingDeployment = record.rollout.flatMap { rollout in
            record.deployments.first { $0.deploymentID == rollout.id }
        }
        return app
    }

    /// Does what time has done.
    mutating func advance(to now: Date) {
        if let change = self.change, let next = change.next, change.at <= now {
            self.compute = next
            self.change = nil
        }
        guard let rollout = self.rollout, rollout.at <= now else { return }
        self.rollout = nil
        guard let index = self.deployments.firstIndex(where: { $0.deploymentID == rollout.id }) else { return }
        self.deployments[index].status = rollout.outcome
        self.deployments[index].updateTime = rollout.at
        if rollout.outcome.state == .succeeded {
            self.app.activeDeployment = self.deployments[index]
            self.app.defaultSourceCodePath = self.deployments[index].sourceCodePath
        }
    }

    /// Starts the compute; one that runs goes on.
    mutating func start(_ now: Date, delay: TimeInterval) throws {
        try self.settle(now, to: "start")
        if self.compute != .active { self.begin(.starting, then: .active, at: now.addingTimeInterval(delay)) }
    }

    /// Stops the compute, and what is deployed with it.
    mutating func stop(_ now: Date, delay: TimeInterval) throws {
        try self.settle(now, to: "stop")
        self.cancelRollout(now)
        self.app.activeDeployment = nil
        if self.compute != .stopped { self.begin(.stopping, then: .stopped, at: now.addingTimeInterval(delay)) }
    }

    /// Begins the end.
    mutating func delete(_ now: Date, delay: TimeInterval) throws {
        self.advance(to: now)
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
    /// - Parameters:
    ///   - deployment: With an id and without values of its environment, which nothing here needs.
    ///   - problem: Why it is going to fail, nil when it is not.
    mutating func deploy(_ deployment: Apps.Deployment, problem: String?, now: Date, delay: TimeInterval) throws {
        try self.settle(now, to: "deploy")
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
        var begun = deployment
        begun.status = Apps.DeploymentStatus(state: .inProgress, message: "Looking at the source.")
        (begun.createTime, begun.updateTime) = (now, now)
        self.deployments.insert(begun, at: 0)
        let outcome = Apps.DeploymentStatus(
            state: problem == nil ? .succeeded : .failed, message: problem ?? "Source recorded. " + Self.appMessage)
        self.rollout = Rollout(id: id, outcome: outcome, at: now.addingTimeInterval(delay))
    }

    /// Replaces the settings that `settings` and `mask` name; all without a mask.
    mutating func update(_ settings: Apps.App, mask: [String]?, by userName: String, now: Date) throws {
        try self.settle(now, to: "update")
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
            case "telemetry_export_destinations":
                changed.telemetryExportDestinations = settings.telemetryExportDestinations
            default: throw APIFailure.invalid("Field '\(field)' of an app cannot be updated.")
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

    /// What an update can change.
    static let settings = [
        "description", "resources", "user_api_scopes", "compute_size", "compute_min_instances",
        "compute_max_instances", "budget_policy_id", "usage_policy_id", "git_repository",
        "telemetry_export_destinations",
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

    private mutating func settle(_ now: Date, to verb: String) throws {
        self.advance(to: now)
        guard self.compute != .deleting else {
            throw APIFailure(400, "BAD_REQUEST", "Cannot \(verb) app \(self.app.name): it is being deleted.")
        }
    }
}
