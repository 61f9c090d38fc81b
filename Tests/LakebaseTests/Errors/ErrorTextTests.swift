//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Testing

@testable import Lakebase

@Suite("Texts of errors")
struct ErrorTextTests {
    private let statistics = PQPoolStatistics(
        size: 3, idle: 0, leased: 2, connecting: 1, waiting: 7, totals: .init())

    @Test func `a time-out shows the pool, the last failure and the remedy`() {
        let error = LakebaseError.timedOut(
            after: .seconds(30), self.statistics, isRunning: true,
            lastError: PQError(.connectionFailed, "nobody answers"))
        #expect(
            "\(error)"
                == "no connection became free within 30.0 seconds: 3 open (2 in use, 0 idle, 1 connecting), 7 waiting; "
                + "the last attempt to open one failed: nobody answers; hold connections for less time or raise maximumConnections [LB501]"
        )
        #expect(error.code == .timedOut)
    }

    @Test func `a time-out of a client that nobody runs says so`() {
        let error = LakebaseError.timedOut(
            after: .seconds(1), self.statistics, isRunning: false, lastError: nil)
        #expect(
            "\(error)".hasSuffix(
                "; nothing connects before run() is called: call it, for example by making the client part of a ServiceGroup [LB502]"
            ))
    }

    @Test func `an error of the pool keeps its reason, and says what the client's user can do`() {
        func code(_ reason: PQPoolError.Reason) -> LakebaseError.Code {
            LakebaseError.of(PQPoolError(reason, self.statistics)).code
        }
        #expect(code(.queueFull) == .queueFull && code(.shutDown) == .shutDown)
        let cause = PQError(.connectionFailed, "nobody answers")
        let error = LakebaseError.of(
            PQPoolError(
                .timedOut(after: .seconds(30)), self.statistics, isRunning: true, lastConnectError: cause))
        #expect(
            "\(error)"
                == "\(LakebaseError.timedOut(after: .seconds(30), self.statistics, isRunning: true, lastError: cause))"
        )
    }

    @Test func `a full line shows the pool`() {
        let error = LakebaseError.queueFull(self.statistics)
        #expect(error.code == .queueFull && "\(error)".contains("7 waiting"))
        #expect(error.remedy != nil)
    }

    @Test func `the server's code shows through`() {
        let server = PQServerError(severity: "FATAL", sqlState: SQLState(rawValue: "28P01"), message: "no")
        let error = LakebaseError(.loginRejected, "x", underlying: PQError(.connectionFailed, "y", server: server))
        #expect(error.sqlState == SQLState(rawValue: "28P01"))
        #expect(LakebaseError(.shutDown, "x").sqlState == nil)
        #expect("\(LakebaseError(.shutDown, "x"))" == "x [LB504]")
    }

    @Test func `codes have names`() {
        let codes: [LakebaseError.Code] = [
            .credentialUnavailable, .loginRejected, .connectionFailed, .timedOut, .queueFull, .shutDown,
            .targetNotFound, .identityRejected,
        ]
        #expect(
            codes.map { "\($0)" } == [
                "credentialUnavailable", "loginRejected", "connectionFailed", "timedOut", "queueFull",
                "shutDown",
                "targetNotFound", "identityRejected",
            ])
        #expect(Set(codes).count == codes.count)
    }

    @Test func `a configuration error has a line for each problem`() {
        let error = LakebaseConfigurationError(problems: [
            .init(setting: "PGPORT", message: "is \"x\"", remedy: "use a number"),
            .init(setting: "LAKEBASE_TYPE", message: "is \"y\"", remedy: "use another"),
        ])
        #expect(
            "\(error)"
                == "Lakebase cannot be configured:\n  - PGPORT is \"x\": use a number\n  - LAKEBASE_TYPE is \"y\": use another"
        )
    }

    @Test func `an error's entry follows from its code and what is beneath`() {
        let full = PQServerError(severity: "FATAL", sqlState: .tooManyConnections, message: "no")
        let beneath = PQError(.connectionFailed, "no", server: full)
        #expect(LakebaseError(.connectionFailed, "x", underlying: beneath).problem == .tooManyConnections)
        #expect(LakebaseError(.connectionFailed, "x").problem == .computeUnreachable)
        let forbidden = DatabricksError(code: .permissionDenied, message: "no")
        #expect(LakebaseError(.credentialUnavailable, "x", underlying: forbidden).problem == .workspaceForbidden)
        #expect(
            LakebaseError(.targetNotFound, "x", problem: .hostUnknown, underlying: forbidden).problem == .hostUnknown)
        #expect(
            LakebaseProblem.of(beneath) == .tooManyConnections && LakebaseProblem.of(forbidden) == .workspaceForbidden)
        #expect(LakebaseProblem.of(CancellationError()) == nil)
        #expect(LakebaseProblem.of(PQError(.unsupported, "x")) == nil)
    }

    @Test func `an explanation is a line for the finding, each fact, the remedy and the command`() {
        var explanation = LakebaseExplanation(
            .tablePrivilegeMissing, "a lacks b", evidence: ["c"], remedy: "d", command: "e;", requiredRole: "f")
        #expect("\(explanation)" == "LB602: a lacks b\n  - c\nremedy: d\nrun, as f: e;")
        explanation.isEstablished = false
        explanation.requiredRole = nil
        #expect("\(explanation)".hasPrefix("LB602: most likely a lacks b\n"))
        #expect("\(explanation)".hasSuffix("run: e;"))
    }
}
