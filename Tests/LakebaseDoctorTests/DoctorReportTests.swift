//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import Testing

@testable import LakebaseDoctor

@Suite("Plan and report")
struct DoctorReportTests {
    private static func check(_ step: DoctorStep, _ result: CheckResult) -> CheckRecord {
        CheckRecord(step: step, result: result, time: .milliseconds(12))
    }

    private static let wrong = CheckResult.problem(
        .failure, .roleMissing, "there is none", evidence: ["a fact"], requiredRole: "the owner")

    @Test("every plan has every step once, and each after those it needs")
    func plans() {
        let targets: [LakebaseConfiguration.Target] = [
            .autoscaling(endpoint: "e", host: "h"), .autoscaling(endpoint: "e", host: nil),
            .provisioned(instance: "i", host: nil), .provisioned(instance: nil, host: "h"),
            .postgres(host: "h", password: nil),
        ]
        for plan in targets.map({ DoctorPlan(LakebaseConfiguration(target: $0)) }) + [DoctorPlan(nil)] {
            #expect(
                plan.steps.sorted { $0.rawValue < $1.rawValue }
                    == DoctorStep.allCases.sorted { $0.rawValue < $1.rawValue })
            for (step, needs) in plan.needs {
                for need in needs {
                    #expect(
                        plan.steps.firstIndex(of: need) ?? 99 < plan.steps.firstIndex(of: step) ?? -1, "\(step) \(need)"
                    )
                }
            }
        }
        #expect(DoctorPlan(LakebaseConfiguration(target: targets[0])).steps == DoctorStep.allCases)
    }

    @Test(
        "a failure blocks what needs it and nothing else; a warning and a step without anything to look at block nothing"
    )
    func blocking() {
        let plan = DoctorPlan(LakebaseConfiguration(target: .autoscaling(endpoint: "e", host: "h")))
        #expect(plan.blocker(of: .login, [Self.check(.tls, Self.wrong)])?.step == .tls)
        #expect(plan.blocker(of: .workspace, [Self.check(.tls, Self.wrong)]) == nil)
        #expect(plan.blocker(of: .tcp, [Self.check(.dns, .notNeeded("a socket"))]) == nil)
        #expect(plan.blocker(of: .tcp, [Self.check(.dns, .blocked(by: .configuration, "x"))])?.step == .dns)
        var warning = Self.wrong
        warning.verdict = .warning
        #expect(plan.blocker(of: .login, [Self.check(.role, warning)]) == nil)
    }

    @Test("exit status: 0 for well, 1 for a failure, 2 for warnings only")
    func status() {
        var warning = Self.wrong
        warning.verdict = .warning
        let (ok, skipped) = (Self.check(.dns, .ok("")), Self.check(.tls, .blocked(by: .dns, "")))
        #expect(DoctorReport(checks: [ok, skipped]).exitStatus == 0)
        #expect(DoctorReport(checks: [ok, Self.check(.role, warning)]).exitStatus == 2)
        #expect(DoctorReport(checks: [Self.check(.role, warning), Self.check(.login, Self.wrong)]).exitStatus == 1)
    }

    @Test("the object for programs has all its keys, whatever there is to say")
    func json() throws {
        let report = DoctorReport(
            checks: [
                Self.check(.dns, .ok("it is")), Self.check(.role, Self.wrong),
                Self.check(.login, .blocked(by: .role, "")),
            ],
            configuration: LakebaseConfiguration(target: .postgres(host: "h", password: nil)).describe())
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let object = try #require(
            try JSONSerialization.jsonObject(with: encoder.encode(report)) as? [String: Any])
        #expect(object.keys.sorted() == ["checks", "exit_status", "milliseconds", "notes", "settings", "verdict"])
        let checks = try #require(object["checks"] as? [[String: Any]])
        for check in checks {
            #expect(
                check.keys.sorted() == [
                    "blocked_by", "command", "evidence", "finding", "milliseconds", "problem", "remedy",
                    "required_role",
                    "step", "verdict",
                ])
        }
        #expect(checks[1]["problem"] as? String == "LB305" && checks[0]["problem"] is NSNull)
        #expect(checks[2]["blocked_by"] as? String == "role" && object["verdict"] as? String == "failure")
    }

    @Test("the lines for people: colours only when asked for, facts of what is well only with verbose")
    func text() {
        let plain = DoctorText(colours: false, isVerbose: false)
        let lines = plain.lines(Self.check(.role, Self.wrong))
        #expect(lines[0] == "failure     12 ms  role           there is none")
        #expect(
            lines.contains { $0.hasSuffix("- a fact") } && lines.contains { $0.contains("LB305: there is no role") })
        #expect(lines.last?.contains("run, as the owner: SELECT databricks_create_role") == true)
        #expect(plain.lines(Self.check(.dns, .ok("it is", evidence: ["a fact"]))).count == 1)
        let full = DoctorText(colours: true, isVerbose: true).lines(
            Self.check(.dns, .ok("it is", evidence: ["a fact"])))
        #expect(full.count == 2 && full[0].hasPrefix("\u{1B}[32mok"))
        let report = DoctorReport(
            checks: [Self.check(.role, Self.wrong), Self.check(.dns, .ok(""))], time: .milliseconds(1234))
        #expect(plain.summary(report) == "1 failure, 1 ok in 1.2 s")
    }
}
