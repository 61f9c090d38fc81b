//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import LakebaseDeploy

/// Shows a plan, asks where there is a terminal, and carries it out.
struct DeployRun: Sendable {
    let context: DeployContext
    /// Whether to ask on a terminal.
    let asks: Bool

    func apply(_ desired: DesiredState, plan: DeployPlan) async throws {
        self.context.show(plan)
        if !plan.isEmpty, self.asks, let answer = try await self.context.answer(to: "Go on? [y/N]") {
            try self.require(answer)
        }
        let progress = DeployProgress()
        defer { progress.end() }
        do {
            let report = try await self.context.deployer.apply(desired, plan: plan) { progress.take($0) }
            progress.end()
            Terminal.output(self.context.isJSON ? DeployReportText.json(report) : DeployReportText.text(report))
        } catch let failure as DeployFailure {
            progress.end()
            throw self.told(failure, plan)
        }
    }

    func delete(_ plan: DeployPlan, data: String?) async throws {
        self.context.show(plan)
        if !plan.isEmpty, self.asks {
            guard let answer = try await self.context.answer(to: self.question(data)) else {
                Terminal.error("nobody can be asked here: give --yes to delete this")
                throw ExitCode(64)
            }
            if let data {
                guard answer.isExactly(data) else { throw self.declined }
            } else {
                try self.require(answer)
            }
        }
        let progress = DeployProgress()
        defer { progress.end() }
        do {
            _ = try await self.context.deployer.delete(self.context.environment, data: data, plan: plan) {
                progress.take($0)
            }
            progress.end()
            Terminal.output(
                self.context.isJSON ? DeployReportText.json(plan) : DeployReportText.deleted(plan))
        } catch let failure as DeployFailure {
            progress.end()
            throw self.told(failure, plan)
        }
    }

    private func question(_ data: String?) -> String {
        data.map { "The data goes for good. To go on, type its name, \($0):" } ?? "Go on? [y/N]"
    }

    private func require(_ answer: String) throws {
        guard ["y", "yes"].contains(answer.lowercased()) else { throw self.declined }
    }

    private var declined: DeployError { DeployError(.unconfirmed, "nothing was done: it was declined") }

    /// A failure after its words were written, as the status to end with.
    private func told(_ failure: DeployFailure, _ plan: DeployPlan) -> any Error {
        Terminal.error("\(failure)")
        if self.context.isJSON { Terminal.output(DeployReportText.json(failure, plan)) }
        return ExitCode(1)
    }
}
