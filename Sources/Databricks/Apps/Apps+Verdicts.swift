//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps.App {
    /// What this state means to a caller that waits for a state of the compute.
    ///
    /// A stopped compute ends the wait for an active one, as in the other Databricks clients: it will not start by itself.
    func verdict(until goal: Apps.ComputeState) -> PendingResult<Apps.App, Apps.App>.Verdict {
        let state = self.computeStatus?.state
        if state == goal { return .done(self) }
        guard state == .error || state == .deleting || state == .stopped else { return .pending }
        let words = AppsAPI.words(state?.rawValue, self.computeStatus?.message)
        return .failed(Self.failure("the compute of app \(self.name) is \(words)", self.name))
    }

    static func failure(_ message: String, _ name: String) -> DatabricksError {
        DatabricksError(code: .serverError, message: message, operation: "app \(name)")
    }
}

extension Apps.Deployment {
    /// What this state means to a caller that waits for the source to run.
    func verdict(app: String) -> PendingResult<Apps.Deployment, Apps.Deployment>.Verdict {
        let state = self.status?.state
        if state == .succeeded { return .done(self) }
        guard state == .failed || state == .cancelled else { return .pending }
        let words = AppsAPI.words(state?.rawValue, self.status?.message)
        return .failed(
            Apps.App.failure("deployment \(self.deploymentID ?? "?") of app \(app) is \(words)", app))
    }
}

extension Apps.AppUpdate {
    /// What this state means to a caller that waits for the change.
    func verdict(app: String) -> PendingResult<Apps.AppUpdate, Apps.AppUpdate>.Verdict {
        let state = self.status?.state
        if state == .succeeded { return .done(self) }
        guard state == .failed || state == .notUpdated else { return .pending }
        let words = AppsAPI.words(state?.rawValue, self.status?.message)
        return .failed(Apps.App.failure("the change of app \(app) is \(words)", app))
    }
}
