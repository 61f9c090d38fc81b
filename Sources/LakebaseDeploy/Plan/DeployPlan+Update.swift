//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension DeployPlan {
    /// Returns the part of a plan that makes a new version of an existing environment run.
    ///
    /// - Throws: ``DeployError`` `notDeployed` when the plan would create something.
    func forUpdate() throws(DeployError) -> DeployPlan {
        var plan = self
        var missing: [String] = []
        plan.steps = self.steps.filter { step in
            let facts = step.facts
            switch facts.update {
            case .included: return true
            case .required: missing.append(facts.title)
            case .postponed: plan.warnings.append("left for lakebase deploy apply: \(facts.title)")
            }
            return false
        }
        guard missing.isEmpty else {
            throw DeployError(
                .notDeployed, "the environment \(self.environment) is not complete, so that it cannot be updated",
                details: missing, remedy: "create it first: lakebase deploy apply --env \(self.environment)")
        }
        return plan
    }
}
