//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LakebaseDeploy
import LakebaseSchema

/// The output of `lakebase deploy`, as text and as JSON.
enum DeployReportText {
    // MARK: For people

    static func text(_ plan: DeployPlan) -> String {
        var lines = ["\(plan.environment):"]
        for step in plan.steps {
            lines.append("  \(step.effect.sign) \(step.title)")
            lines += Self.shortened(step.details).map { "      \($0)" }
        }
        lines += plan.kept.map { "  = \($0)" }
        lines += plan.warnings.map { "  ! \($0)" }
        if plan.isEmpty {
            lines.append("Nothing to do.")
        } else {
            let counts = DeployStep.Effect.allCases.compactMap { effect in
                let count = plan.steps.count { $0.effect == effect }
                return count == 0 ? nil : "\(count) to \(effect.rawValue)"
            }
            lines.append(counts.joined(separator: ", ") + "; \(plan.kept.count) kept.")
        }
        return lines.joined(separator: "\n")
    }

    private static func shortened(_ lines: [String]) -> [String] {
        lines.count <= 12 ? lines : lines.prefix(10) + ["and \(lines.count - 10) more"]
    }

    static func text(_ report: DeployReport) -> String {
        let app = report.app
        let state = app?.appStatus?.state?.rawValue ?? "in an unknown state"
        let words = report.plan.isEmpty ? "Nothing had to be done." : "\(report.plan.steps.count) steps done."
        return "\(words) \(app?.name ?? "The app") is \(state)\(app?.url.map { ": \($0)" } ?? "")"
    }

    static func deleted(_ plan: DeployPlan) -> String {
        plan.isEmpty ? "Nothing had to be deleted." : "Deleted. What is marked with = is still there."
    }

    static func text(_ status: EnvironmentStatus) -> String {
        let observed = status.observed
        let app = observed.app
        var lines = ["environment  \(status.environment.title)"]
        lines.append(
            "app          \(status.environment.app.name): \(app.map { $0.appStatus?.state?.rawValue ?? "?" } ?? (observed.isAppLeaving ? "being deleted" : "not there"))"
        )
        if let message = app?.appStatus?.message, !message.isEmpty {
            lines += message.split(whereSeparator: \.isNewline).map { "             \($0)" }
        }
        if let app {
            lines.append("compute      \(app.computeStatus?.state?.rawValue ?? "?")")
            lines.append("url          \(app.url ?? "none")")
            lines.append("role         \(app.servicePrincipalClientID ?? "none")")
            let deployment = app.activeDeployment
            let time = deployment?.createTime.map { ", \(RFC3339.string(from: $0))" } ?? ""
            lines.append("deployment   \(deployment?.deploymentID.map { $0 + time } ?? "none")")
        }
        lines.append("database     \(status.place)\(status.hasPlace ? "" : ": not there")")
        if let endpoint = observed.endpoint {
            lines.append(
                "endpoint     \(endpoint.name ?? "?"): \(endpoint.status?.currentState?.rawValue ?? "?"), \(endpoint.status?.hosts?.host ?? "no host")"
            )
        }
        if let instance = observed.instance {
            lines.append("instance     \(instance.state?.rawValue ?? "?"), \(instance.readWriteDNS ?? "no host")")
        }
        if let problem = status.databaseProblem { lines.append("             \(problem)") }
        if let contents = observed.contents {
            let owner = contents.schemaOwner.map { "owned by \($0)" } ?? "not there"
            lines.append("schema       \(status.environment.lakebase.schema): \(owner)")
            let ran = contents.migrations?.entries.count { $0.applied != nil } ?? 0
            lines.append("migrations   \(ran) ran, \(status.pending.count) pending")
            lines += (status.pending + status.migrationProblems).map { "             \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: For programs

    private struct PlanObject: Encodable {
        var environment: String
        var changes: Int
        var steps: [StepObject]
        var kept: [String]
        var warnings: [String]
        var app: AppObject?
        var done: Int?
        var error: String?

        init(_ plan: DeployPlan) {
            self.environment = plan.environment
            self.changes = plan.steps.count
            self.steps = plan.steps.map { StepObject($0) }
            self.kept = plan.kept
            self.warnings = plan.warnings
        }
    }

    private struct StepObject: Encodable {
        var effect: String
        var kind: String
        var subject: String
        var title: String
        var details: [String]

        init(_ step: DeployStep) {
            (self.effect, self.kind, self.subject) = (step.effect.rawValue, step.kind, step.subject)
            (self.title, self.details) = (step.title, step.details)
        }
    }

    private struct AppObject: Encodable {
        var name: String
        var state: String?
        var compute: String?
        var url: String?
        var role: String?
        var deployment: String?

        init(_ app: Apps.App) {
            self.name = app.name
            self.state = app.appStatus?.state?.rawValue
            self.compute = app.computeStatus?.state?.rawValue
            self.url = app.url
            self.role = app.servicePrincipalClientID
            self.deployment = app.activeDeployment?.deploymentID
        }
    }

    private struct StatusObject: Encodable {
        var environment: String
        var isWell: Bool
        var app: AppObject?
        var url: String?
        var place: String
        var isThere: Bool
        var endpoint: String?
        var endpointState: String?
        var host: String?
        var schema: String
        var schemaOwner: String?
        var pending: [String]
        var migrationProblems: [String]
        var problem: String?
    }

    static func json(_ plan: DeployPlan) -> String { Self.encoded(PlanObject(plan)) }

    static func json(_ report: DeployReport) -> String {
        var object = PlanObject(report.plan)
        object.app = report.app.map { AppObject($0) }
        object.done = report.plan.steps.count
        return Self.encoded(object)
    }

    static func json(_ failure: DeployFailure, _ plan: DeployPlan) -> String {
        var object = PlanObject(plan)
        object.done = failure.done.count
        object.error = "\(failure.underlying)"
        return Self.encoded(object)
    }

    static func json(error: any Error, environment: String) -> String {
        Self.encoded(["environment": environment, "error": "\(error)"])
    }

    static func json(_ status: EnvironmentStatus) -> String {
        let observed = status.observed
        let endpoint = observed.endpoint
        return Self.encoded(
            StatusObject(
                environment: status.environment.title, isWell: status.isWell, app: observed.app.map { AppObject($0) },
                url: observed.app?.url, place: status.place, isThere: status.hasPlace, endpoint: endpoint?.name,
                endpointState: endpoint?.status?.currentState?.rawValue,
                host: endpoint?.status?.hosts?.host ?? observed.instance?.readWriteDNS,
                schema: status.environment.lakebase.schema, schemaOwner: observed.contents?.schemaOwner,
                pending: status.pending, migrationProblems: status.migrationProblems, problem: status.databaseProblem))
    }

    private static func encoded(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension DeployStep.Effect {
    /// The sign before a line of a plan.
    fileprivate var sign: String {
        switch self {
        case .create: "+"
        case .change: "~"
        case .remove: "-"
        case .run: ">"
        }
    }
}
