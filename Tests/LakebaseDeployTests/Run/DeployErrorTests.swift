//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExplainedErrors
import Lakebase
import LakebaseSchema
import Testing

@testable import LakebaseDeploy

/// The shape of the errors: an id, what happened, what to do, and a command.
@Suite("Errors of deployments") struct DeployErrorTests {
    @Test("every kind has an id of its own and a remedy")
    func kinds() {
        let all: [any ExplainedError] =
            DeployError.Code.all.map { DeployError($0, "m") } + PackagingError.Code.all.map { PackagingError($0, "m") }
            + [DeploymentError("m", remedy: "r")]
        let ids = all.map(\.id)
        #expect(Set(ids).count == ids.count && ids.count == 17)
        #expect(ids.contains("deploy.conflict") && ids.contains("package.build") && ids.contains("deployment.invalid"))
        for error in all {
            #expect(error.remedy?.isEmpty == false && error.command?.isEmpty != true, "\(error.id)")
            #expect(error.explanationLines.first == "m [\(error.id)]" && "\(error)" == error.explanation)
        }
    }

    @Test("a deployment that stopped says why, what is done, and how to continue")
    func failure() {
        let migration = MigrationError(.failed, "syntax error", file: "1_a.sql", line: 3, statement: "SELEC 1")
        let failure = DeployFailure(
            done: [.startApp("a")], failed: .migrate(["1_a.sql"], owner: nil), left: [.deploy(app: "a", reason: "x")],
            underlying: migration)
        #expect(
            "\(failure)" == """
                could not run 1 migration: 1_a.sql:3: syntax error [migration.failed]
                    SELEC 1
                    done: start app a
                    not done: run 1 migration
                    not done: deploy a
                remedy: correct the statement, and run the migrations again; the same command continues with the first step that is not done
                run: lakebase migrate status
                """)
        let other = DeployFailure(done: [], failed: .startApp("a"), left: [], underlying: CancellationError())
        #expect(other.id == "deploy.failed" && other.message == "could not start app a: CancellationError()")
    }

    @Test("the errors of the client have the same shape, with the ids of the catalogue")
    func client() {
        let error: any ExplainedError = LakebaseError(.queueFull, "too many callers", remedy: "shed load")
        #expect(error.explanation == "too many callers [\(LakebaseProblem.queueFull.id)]\nremedy: shed load")
        let configuration: any ExplainedError = LakebaseConfigurationError(problems: [
            .init(setting: "PGPORT", message: "is no port", remedy: "give a number")
        ])
        #expect(configuration.id == "LB101" && configuration.details == ["PGPORT is no port: give a number"])
    }
}
