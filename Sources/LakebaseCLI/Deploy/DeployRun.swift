//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import LakebaseDeploy

/// Prints a plan, asks for confirmation on a terminal, and carries the plan out.
struct DeployRun: Sendable {
    let context: DeployContext
    /// Whether to ask for confirmation on a terminal.
    let asks: Bool

    func apply(_ desired: DesiredState, plan: DeployPlan) async throws {
        self.context.show(plan)
        if !plan.isEmpty, self.asks, let answer = self.context.answer(to: "Continue? [y/N]") {
            try self.require(answer)
        }
        do {
            let report = try await DeployProgress.during { progress in
                try await self.context.deployer.apply(desired, plan: plan) { progress.take($0) }
            }
            Terminal.output(self.context.isJSON ? DeployReportText.json(report) : DeployReportText.text(report))
        } catch let failure as DeployFailure {
            throw CarriedOutFailure(failure: failure, plan: plan)
        }
    }

    func delete(_ plan: DeployPlan, data: String?) async throws {
        self.context.show(plan)
        if !plan.isEmpty, self.asks {
            guard let answer = self.context.answer(to: self.question(data)) else {
                throw CommandError("there is no terminal to ask on: add --yes to delete this", status: 64)
            }
            if let data {
                guard answer.isExactly(data) else { throw self.declined }
            } else {
                try self.require(answer)
            }
        }
        do {
            try await DeployProgress.during { progress in
                _ = try await self.context.deployer.delete(self.context.environment, data: data, plan: plan) {
                    progress.take($0)
                }
            }
            Terminal.output(
                self.context.isJSON ? DeployReportText.json(plan) : DeployReportText.deleted(plan))
        } catch let failure as DeployFailure {
            throw CarriedOutFailure(failure: failure, plan: plan)
        }
    }

    private func question(_ data: String?) -> String {
        data.map { "The data will be deleted for good. To continue, type its name, \($0):" } ?? "Continue? [y/N]"
    }

    private func require(_ answer: String) throws {
        guard ["y", "yes"].contains(answer.lowercased()) else { throw self.declined }
    }

    private var declined: DeployError {
        DeployError(.unconfirmed, "nothing was changed: the confirmation was declined")
    }
}

/// A plan that stopped at a step.
struct CarriedOutFailure: Error {
    var failure: DeployFailure
    var plan: DeployPlan
}
