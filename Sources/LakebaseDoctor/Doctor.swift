//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks
package import Lakebase
package import Logging

/// Checks the connection to the database step by step, and reports what to fix.
///
/// It changes nothing. The login wakes a suspended compute; no check before it does.
package struct Doctor: Sendable {
    package struct Options: Sendable {
        /// Whether a login may wake a compute that sleeps.
        package var wakes = true
        /// The prefix of the variables, for an application with several databases.
        package var prefix: String?
        /// What is chosen in the place of the environment.
        package var overrides: ConnectionOverrides
        /// The time after which no further step is started.
        package var limit = Duration.seconds(55)

        package init(
            wakes: Bool = true, prefix: String? = nil, overrides: ConnectionOverrides = ConnectionOverrides()
        ) {
            self.wakes = wakes
            self.prefix = prefix
            self.overrides = overrides
        }
    }

    private let environment: [String: String]
    private let options: Options
    private let transport: any HTTPTransport
    private let logger: Logger

    /// - Parameter environment: The variables that say where the database is.
    /// - Parameter transport: The transport for calls to the workspace.
    package init(
        environment: [String: String], options: Options = Options(), transport: (any HTTPTransport)? = nil,
        logger: Logger
    ) {
        self.environment = environment
        self.options = options
        self.transport = transport ?? AsyncHTTPClientTransport(environment: environment)
        self.logger = logger
    }

    /// Runs all checks.
    ///
    /// - Parameter onBegin: Called before each step.
    /// - Parameter onCheck: Called with the result of each step.
    package func examine(
        onBegin: @Sendable (DoctorStep) -> Void = { _ in },
        onCheck: @Sendable (CheckRecord, DoctorReport) -> Void = { _, _ in }
    ) async -> DoctorReport {
        let examination = DiagnosticContext(
            environment: self.environment, options: self.options, transport: self.transport, logger: self.logger)
        let begin = ContinuousClock.now
        let deadline = begin + self.options.limit
        var report = DoctorReport()
        var plan = DoctorPlan(nil)
        var index = 0
        while index < plan.steps.count {
            let step = plan.steps[index]
            index += 1
            onBegin(step)
            let started = ContinuousClock.now
            let finding = await self.finding(step, plan, report, examination, deadline: deadline)
            let check = CheckRecord(step: step, finding: finding, time: started.duration(to: .now))
            report.checks.append(check)
            if step == .configuration {
                plan = await examination.plan
                report.configuration = await examination.description
            }
            onCheck(check, report)
        }
        await examination.end()
        report.time = begin.duration(to: .now)
        return report
    }

    private func finding(
        _ step: DoctorStep, _ plan: DoctorPlan, _ report: DoctorReport, _ examination: DiagnosticContext,
        deadline: ContinuousClock.Instant
    ) async -> CheckResult {
        if let blocker = plan.blocker(of: step, report.checks) {
            let root = blocker.finding.blockedBy ?? blocker.step
            let reason =
                report[root]?.verdict == .failure ? "because \(root.rawValue) failed" : blocker.finding.text
            return .blocked(by: root, reason)
        }
        let limit = min(step.limit, ContinuousClock.now.duration(to: deadline))
        guard limit > .zero else {
            return CheckResult(
                verdict: .failure, text: "skipped: the \(self.options.limit.shortText) for all steps have passed",
                remedy: "check which steps took long")
        }
        if let finding = await within(limit, { await examination.examine(step) }) { return finding }
        return .problem(.failure, step.problemOfSilence, "no answer within \(limit.shortText)")
    }
}

extension DoctorStep {
    /// The problem to report when no answer arrives in time.
    var problemOfSilence: LakebaseProblem {
        switch self {
        case .clock, .workspace, .endpoint, .host, .credential, .role: .workspaceUnreachable
        case .configuration, .dns, .tcp, .tls, .login: .computeUnreachable
        case .schema, .privileges, .connections: .connectionLost
        }
    }
}
