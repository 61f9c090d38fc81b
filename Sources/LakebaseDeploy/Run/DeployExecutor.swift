//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LakebaseSchema

/// Does steps, one after the other.
///
/// Each looks at what is there first, and takes what it finds done for done: by an earlier run that was stopped, or by another user who deploys the same
/// at the same time.
struct DeployExecutor {
    let reader: EnvironmentReader
    let options: Deployer.Options
    let desired: DesiredState
    let report: @Sendable (DeployEvent) -> Void
    /// Runs after each step; see ``Deployer/afterStep``.
    let afterStep: (@Sendable (DeployStep) async throws -> Void)?

    var workspace: WorkspaceClient { self.reader.workspace }

    /// Does all of them; the first failure stops.
    ///
    /// - Throws: ``DeployFailure``.
    func run(_ steps: [DeployStep]) async throws {
        for (index, step) in steps.enumerated() {
            let started = ContinuousClock.now
            self.report(.began(step, number: index + 1, of: steps.count))
            do {
                try Task.checkCancellation()
                try await self.run(step)
                self.report(.finished(step, after: ContinuousClock.now - started))
                try await self.afterStep?(step)
            } catch {
                throw DeployFailure(
                    done: Array(steps[..<index]), failed: step, left: Array(steps[(index + 1)...]), underlying: error)
            }
        }
    }

    private func run(_ step: DeployStep) async throws {
        switch step {
        case .createProject(let place): try await self.createProject(place)
        case .createBranch(let place): try await self.createBranch(place)
        case .resizeEndpoint(let branch, let capacity, _): try await self.resizeEndpoint(of: branch, to: capacity)
        case .awaitBranch(let name): try await self.ready(branch: name)
        case .awaitInstance(let name): try await self.available(name)
        case .createInstance(let place): try await self.createInstance(place)
        case .resizeInstance(let name, let capacity, _): try await self.resizeInstance(name, to: capacity)
        case .startInstance(let name): try await self.startInstance(name)
        case .createDatabase(let name): try await self.createDatabase(name)
        case .createApp(let name, let description): try await self.createApp(name, description: description)
        case .describeApp(let name, let description): try await self.describeApp(name, description)
        case .attachDatabase(let app, _): try await self.attachDatabase(to: app)
        case .startApp(let name): try await self.startApp(name)
        case .createRole(let grantee): try await self.createRole(grantee)
        case .createOwner(let name): try await self.createOwner(name)
        case .createSchema(let name, let owner): try await self.createSchema(name, owner: owner)
        case .upload: try await self.upload()
        case .migrate: try await self.migrate()
        case .grant(let grant, _): try await self.give(grant)
        case .deploy(let app, _): try await self.deploy(app)
        case .deleteApp(let name): try await self.deleteApp(name)
        case .deleteFiles(let path): try await self.deleteFiles(path)
        case .deleteDatabase(let name): try await self.deleteDatabase(name)
        case .deleteBranch(let name): try await self.deleteBranch(name)
        case .deleteProject(let name): try await self.deleteProject(name)
        case .deleteInstance(let name): try await self.deleteInstance(name)
        }
    }

    // MARK: Common parts

    /// Looks again and again until there is something.
    ///
    /// - Parameter what: What is waited for, in words that fit "… after 5 minutes".
    func poll<Value: Sendable>(
        _ what: String, within limit: Duration, _ look: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        var looks = 0
        while true {
            if let value = try await look() { return value }
            guard ContinuousClock.now < deadline else {
                throw DeployError(.busy, "\(what) after \(limit)", remedy: "run this again, which goes on waiting")
            }
            looks += 1
            try await Task.sleep(for: min(self.options.polling.step * looks, self.options.polling.limit))
        }
    }

    /// Waits for work at the service, and tells about it.
    func wait<State: Sendable, Value: Sendable>(_ pending: PendingResult<State, Value>) async throws -> Value {
        try await pending.wait(within: self.options.stepLimit, polling: self.options.polling)
    }

    /// How long a conflict may last with something that cannot be seen: a name that is just being taken, or what it needs being busy.
    private static let conflictLimit = Duration.seconds(180)

    /// Makes something, unless another deployment is making it.
    ///
    /// A conflict is no proof that it is there: what it needs may be busy. So it is looked for, and tried again. The service says "already exists" for a
    /// branch with 400, and for other things with 409.
    ///
    /// - Throws: The conflict itself when it lasts.
    func make<Value: Sendable>(
        _ what: String, _ call: () async throws -> Void, unless look: () async throws(DatabricksError) -> Value
    ) async throws {
        let deadline = ContinuousClock.now + min(Self.conflictLimit, self.options.stepLimit)
        while true {
            do {
                return try await call()
            } catch let error as DatabricksError where error.code == .conflict || error.saysItExists {
                if try await EnvironmentReader.ifFound(look) != nil {
                    return self.report(.note("the \(what) is there already"))
                }
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: self.options.polling.step)
            }
        }
    }

    /// Does something that is refused with a conflict while something else is being done.
    ///
    /// - Returns: Whether it was done.
    func unlessBusy(_ call: () async throws -> Void) async throws -> Bool {
        do {
            try await call()
            return true
        } catch let error as DatabricksError where error.code == .conflict {
            return false
        }
    }
}

extension DatabricksError {
    /// Whether the service refuses to make something since it is there.
    fileprivate var saysItExists: Bool {
        self.code == .invalidRequest && self.message.containsExactly("already exists")
    }
}
