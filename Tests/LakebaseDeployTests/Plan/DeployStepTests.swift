//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseSchema
import Testing

@testable import LakebaseDeploy

/// What plans, reports and updates say about each kind of step.
@Suite struct DeployStepTests {
    private static let branch = DeploymentLakebase.Autoscaling(
        project: "notes", branch: "dev", origin: .init(branch: "production", ttl: .seconds(3600)))
    private static let grant = DesiredState.Grant(.app, .preset(.app))

    private static var steps: [(DeployStep, String)] {
        get throws {
            let capacity = try ComputeRange(0.5, 4)
            let instance = DeploymentLakebase.Provisioned(instance: "i", capacity: .cu2)
            return [
                (
                    .createProject(.init(project: "notes", capacity: capacity)),
                    "create project notes: create project notes [0.5..4 compute units] required"
                ),
                (
                    .createBranch(Self.branch),
                    "create branch notes/dev: create branch notes/dev [from production, expires after 3600.0 seconds] required"
                ),
                (.awaitBranch("b"), "run branch b: wait for branch b [] included"),
                (
                    .resizeEndpoint(branch: "b", capacity: capacity, from: "1..2"),
                    "change endpoint b: resize endpoint b [0.5..4 compute units, now 1..2] postponed"
                ),
                (.createInstance(instance), "create instance i: create instance i [CU_2] required"),
                (.awaitInstance("i"), "run instance i: wait for instance i [] included"),
                (
                    .resizeInstance("i", capacity: .cu4, from: "CU_1"),
                    "change instance i: resize instance i [CU_4, now CU_1] postponed"
                ),
                (.startInstance("i"), "run instance i: start instance i [] included"),
                (.createDatabase("d"), "create database d: create database d [] required"),
                (
                    .createApp("a", description: "x"),
                    "create app a: create app a [with a service principal of its own and the database attached] required"
                ),
                (
                    .describeApp("a", description: "x"),
                    "change app a: change the description of app a [x] postponed"
                ),
                (
                    .attachDatabase(app: "a", key: "k"),
                    "change resource k of a: attach the database as resource k of a [the other resources stay attached] required"
                ),
                (.startApp("a"), "run app a: start app a [] included"),
                (
                    .createRole(.principal(.user("ann@example.com"))),
                    "create role ann@example.com: create role ann@example.com [] required"
                ),
                (
                    .createOwner("o"),
                    "create role o: create role o [without a login; the deploying role becomes a member] required"
                ),
                (.createSchema("s", owner: "o"), "create schema s: create schema s [owned by o] required"),
                (.createSchema("s", owner: nil), "create schema s: create schema s [] required"),
                (
                    .upload(app: "a", write: ["x"], remove: ["y", "z"]),
                    "change files a: upload 1 and remove 2 files of a [write x, remove y, remove z] included"
                ),
                (
                    .migrate(["1.sql", "2.sql"], owner: "o"),
                    "run migrations 2: run 2 migrations [1.sql, 2.sql, as o] included"
                ),
                (
                    .grant(Self.grant, missing: ["SELECT on table t"]),
                    "change privileges the app: grant privileges to the app: app [SELECT on table t] included"
                ),
                (
                    .deploy(app: "a", reason: "the files changed"),
                    "run deployment a: deploy a [the files changed] included"
                ),
                (.deleteApp("a"), "remove app a: delete app a [with its service principal] postponed"),
                (.deleteFiles("/f"), "remove files /f: delete files /f [] postponed"),
                (
                    .deleteDatabase("d"),
                    "remove database d: delete database d [with all data in it, permanently] postponed"
                ),
                (.deleteBranch("b"), "remove branch b: delete branch b [with all data in it, permanently] postponed"),
                (
                    .deleteProject("p"),
                    "remove project p: delete project p [with all data in it, permanently] postponed"
                ),
                (
                    .deleteInstance("i"),
                    "remove instance i: delete instance i [with all data in it, permanently] postponed"
                ),
            ]
        }
    }

    @Test("each kind of step has its facts, and the accessors return them")
    func facts() throws {
        for (step, expected) in try Self.steps {
            let facts = step.facts
            #expect(
                "\(facts.effect) \(facts.kind) \(facts.subject): \(facts.title) [\(facts.details.joined(separator: ", "))] \(facts.update)"
                    == expected)
            #expect(
                facts
                    == DeployStep.Facts(
                        step.effect, step.kind, step.subject, title: step.title, details: step.details,
                        update: facts.update))
        }
    }

    @Test("an update keeps its own steps, warns of the postponed ones, and is refused without the required ones")
    func update() throws {
        for (step, _) in try Self.steps {
            let plan = DeployPlan(environment: "e", steps: [.startApp("a"), step])
            switch step.facts.update {
            case .included: #expect(try plan.forUpdate() == plan)
            case .postponed:
                let update = try plan.forUpdate()
                #expect(update.steps == [.startApp("a")])
                #expect(update.warnings == ["left for lakebase deploy apply: \(step.title)"])
            case .required:
                let error = #expect(throws: DeployError.self) { try plan.forUpdate() }
                #expect(error?.code == .notDeployed && error?.details == [step.title])
            }
        }
    }
}
