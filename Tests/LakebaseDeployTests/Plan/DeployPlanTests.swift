//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import Databricks
import Foundation
import LakebaseSchema
import Testing

@testable import LakebaseDeploy

/// Plans from values: no network, no disk.
@Suite struct DeployPlanTests {
    private static func environment(
        _ target: DeploymentLakebase.Target = .project(), database: String = DeploymentLakebase.defaultDatabase,
        env: [AppManifest.Variable] = [], permissions: [DeploymentPermission] = [], owner: String? = nil
    ) -> DeploymentEnvironment {
        DeploymentEnvironment(
            name: "development",
            app: DeploymentApp(name: "notes", source: .folder(path: "/nowhere", command: ["run"]), env: env),
            lakebase: DeploymentLakebase(
                target: target, database: database, schema: "app_data", permissions: permissions),
            migrations: DeploymentMigrations(folder: "/nowhere", owner: owner))
    }

    private static func desired(_ environment: DeploymentEnvironment) throws -> DesiredState {
        DesiredState(
            environment: environment,
            migrations: [try Migration(version: 1, name: "notes", up: "CREATE TABLE notes ()")],
            source: SourceFiles([SourceFile(path: "a.py", bytes: Data("1".utf8))]), command: ["run"])
    }

    /// A world in which everything is as it is to be.
    private static func complete(_ desired: DesiredState) throws -> ObservedState {
        let branch = "projects/notes/branches/production"
        let files = try DeployPlan.files(desired, key: "postgres")
        let there = WorkspaceFolder.File(size: 1, modifiedAt: 1)
        let applied = desired.migrations.map {
            AppliedMigration(
                version: $0.version, name: $0.name, checksum: $0.checksum, startedAt: Date(timeIntervalSince1970: 0),
                finishedAt: Date(timeIntervalSince1970: 1), appliedBy: "me@example.com")
        }
        return ObservedState(
            deployer: "me@example.com", project: Postgres.Project(name: "projects/notes"),
            branch: Postgres.Branch(name: branch),
            endpoint: Postgres.Endpoint(
                name: "\(branch)/endpoints/primary",
                status: .init(autoscalingLimitMinCU: 1, autoscalingLimitMaxCU: 2)),
            database: Postgres.Database(name: "\(branch)/databases/databricks-postgres"),
            app: Apps.App(
                name: "notes",
                resources: [.postgres(branch: branch, database: "\(branch)/databases/databricks-postgres")],
                appStatus: .init(state: .running), computeStatus: .init(state: .active),
                activeDeployment: .init(deploymentID: "1"), servicePrincipalClientID: "app"),
            folder: WorkspaceFolder(
                isThere: true, files: Dictionary(uniqueKeysWithValues: files.files.map { ($0.path, there) }),
                record: .init(
                    files: Dictionary(
                        uniqueKeysWithValues: files.files.map { ($0.path, .init(checksum: $0.checksum, file: there)) }),
                    deployment: .init(id: "1", fingerprint: try DeployPlan.fingerprint(desired, key: "postgres")))),
            contents: .init(
                schemaOwner: "me@example.com", roles: ["app"],
                migrations: try MigrationPlan(migrations: desired.migrations, applied: applied), missing: [[]]))
    }

    private static func titles(_ plan: DeployPlan) -> [String] { plan.steps.map(\.title) }

    @Test("from nothing, in the order in which things need each other")
    func nothing() throws {
        let plan = try DeployPlan.make(
            try Self.desired(Self.environment()), ObservedState(deployer: "me@example.com"))
        #expect(
            Self.titles(plan) == [
                "create project notes", "create app notes", "upload 2 and remove 0 files of notes",
                "create schema app_data", "run 1 migration", "grant privileges to the app: app", "deploy notes",
            ])
        let instance = try DeployPlan.make(
            try Self.desired(Self.environment(.instance(), database: "notes")),
            ObservedState(deployer: "me@example.com"))
        #expect(
            Self.titles(instance).prefix(3) == [
                "create instance notes-db", "create database notes", "create app notes",
            ])
    }

    @Test("nothing when everything is there")
    func complete() throws {
        let desired = try Self.desired(Self.environment())
        let plan = try DeployPlan.make(desired, try Self.complete(desired))
        #expect(plan.isEmpty, "\(Self.titles(plan))")
        #expect(plan.kept.count == 10, "\(plan.kept)")
    }

    @Test("what nobody can give is said, and nothing is left to do; roles are told apart by their bytes")
    func leftOut() throws {
        let owner = "caf\u{E9}"
        let desired = try Self.desired(Self.environment(owner: owner))
        var observed = try Self.complete(desired)
        observed.contents?.leftOut = ["left out: INSERT on table app_data.spatial_ref_sys"]
        observed.contents?.roles = ["app", owner]
        let plan = try DeployPlan.make(desired, observed)
        #expect(plan.isEmpty && plan.warnings == observed.contents?.leftOut, "\(Self.titles(plan))")
        observed.contents?.roles = ["app", "cafe\u{301}"]
        #expect(try DeployPlan.make(desired, observed).steps.contains(.createOwner(owner)))
    }

    @Test("each difference has its step")
    func differences() throws {
        let desired = try Self.desired(Self.environment())
        func plan(_ change: (inout ObservedState) -> Void) throws -> [String] {
            var observed = try Self.complete(desired)
            change(&observed)
            return Self.titles(try DeployPlan.make(desired, observed))
        }
        #expect(try plan { $0.app?.computeStatus?.state = .stopped } == ["start app notes"])
        #expect(try plan { $0.app?.appStatus?.state = .crashed } == ["deploy notes"])
        #expect(try plan { $0.app?.activeDeployment = nil } == ["deploy notes"])
        #expect(try plan { $0.app?.activeDeployment?.deploymentID = "2" } == ["deploy notes"])
        #expect(
            try plan { $0.app?.resources = [] } == [
                "attach the database as resource postgres of notes", "deploy notes",
            ])
        #expect(try plan { $0.contents?.missing = [["SELECT on table x"]] } == ["grant privileges to the app: app"])
        #expect(
            try plan { $0.folder.files["a.py"]?.modifiedAt = 2 } == [
                "upload 1 and remove 0 files of notes", "deploy notes",
            ])
        #expect(
            try plan { $0.folder.files["left.py"] = .init(size: 1, modifiedAt: 1) } == [
                "upload 0 and remove 1 files of notes", "deploy notes",
            ])
        #expect(try plan { $0.contents?.schemaOwner = nil }.contains("create schema app_data"))
    }

    @Test("compute units are changed when they are said, and left alone when not")
    func capacity() throws {
        var environment = Self.environment()
        environment.lakebase.target = .autoscaling(.init(project: "notes", capacity: try ComputeRange(0.5, 4)))
        let desired = try Self.desired(environment)
        let plan = try DeployPlan.make(desired, try Self.complete(desired))
        #expect(Self.titles(plan) == ["resize endpoint projects/notes/branches/production"])
        #expect(plan.steps.first?.details == ["0.5..4 compute units, now 1.0..2.0"])
        #expect(throws: DeployError.self) {
            // An update makes nothing new, and says what it leaves.
            try DeployPlan(environment: "x", steps: [.createApp("notes", description: nil)]).forUpdate()
        }
        let update = try plan.forUpdate()
        #expect(update.isEmpty && update.warnings.count == 1, "\(update)")
    }

    @Test("a branch needs something to be made from, and a deleted project is not taken for an absent one")
    func branches() throws {
        let alone = Self.environment(.autoscaling(.init(project: "notes", branch: "dev")))
        #expect(throws: DeployError.self) {
            try DeployPlan.make(try Self.desired(alone), ObservedState(deployer: "me@example.com"))
        }
        let origin = DeploymentLakebase.BranchOrigin(branch: "production", ttl: .seconds(86_400))
        let copy = Self.environment(.autoscaling(.init(project: "notes", branch: "dev", origin: origin)))
        let plan = try DeployPlan.make(try Self.desired(copy), ObservedState(deployer: "me@example.com"))
        #expect(Self.titles(plan).prefix(2) == ["create project notes", "create branch notes/dev"])
        let deleted = ObservedState(
            deployer: "me@example.com", project: Postgres.Project(deleteTime: Date(timeIntervalSince1970: 0)))
        #expect(throws: DeployError.self) { try DeployPlan.make(try Self.desired(copy), deleted) }
    }

    @Test("variables that find the database are written, and may not be contradicted")
    func manifest() throws {
        func text(_ environment: DeploymentEnvironment, key: String) throws -> AppManifest {
            let files = try DeployPlan.files(try Self.desired(environment), key: key)
            let file = try #require(files.files.first { $0.path == "app.yaml" })
            guard case .bytes(let bytes) = file.content else { throw DeployError(.failed, "not made") }
            return try AppManifest.read(Array(bytes)).manifest
        }
        let nasty = "a: 'b' \"c\" {} # no"
        let autoscaling = try text(Self.environment(env: [.init("X", .value(nasty))]), key: "by-hand")
        #expect(autoscaling.command == ["run"])
        #expect(
            autoscaling.env == [
                .init("LAKEBASE_TYPE", .value("autoscaling")), .init("LAKEBASE_ENDPOINT", .valueFrom("by-hand")),
                .init("LAKEBASE_SCHEMA", .value("app_data")), .init("X", .value(nasty)),
            ])
        let provisioned = try text(Self.environment(.instance("i-1")), key: "database")
        #expect(provisioned.env.contains(.init("LAKEBASE_INSTANCE", .value("i-1"))))
        // The same once more is no contradiction.
        _ = try text(Self.environment(env: [.init("LAKEBASE_ENDPOINT", .valueFrom("postgres"))]), key: "postgres")
        #expect(throws: DeployError.self) {
            try text(Self.environment(env: [.init("LAKEBASE_SCHEMA", .value("other"))]), key: "postgres")
        }
    }

    @Test("what was attached by hand stays, and a contradiction shows both sides")
    func resources() throws {
        let ours = Apps.Resource.postgres(branch: "b", database: "b/databases/d")
        let secret = Apps.Resource(name: "key", secret: .init(scope: "s", key: "k", permission: .read))
        #expect(try AppResources.attaching(ours, to: [secret]) == [ours, secret])
        #expect(try AppResources.attaching(ours, to: [secret, ours]) == nil)
        let byHand = Apps.Resource.postgres("other", branch: "b", database: "b/databases/d")
        #expect(try AppResources.attaching(ours, to: [byHand, secret]) == nil)
        // The variables PG… are those of the first database.
        let second = Apps.Resource.postgres("second", branch: "c", database: "c/databases/d")
        #expect(try AppResources.attaching(ours, to: [secret, second, ours]) == [ours, secret, second])
        let taken = Apps.Resource.postgres(branch: "x", database: "x/databases/d")
        let conflict = try #require(throws: DeployError.self) { try AppResources.attaching(ours, to: [taken]) }
        #expect(conflict.code == .conflict)
        #expect(
            conflict.details == [
                "attached: postgres = postgres x/databases/d on x", "wanted:   postgres = postgres b/databases/d on b",
            ])
        let instance = Apps.Resource.database(instance: "i", database: "d")
        let generation = try #require(throws: DeployError.self) { try AppResources.attaching(ours, to: [instance]) }
        #expect(generation.code == .generation, "\(generation)")
        #expect(try AppResources.attaching(ours, to: [ours, instance]) == nil)
    }

    @Test("data goes alone, and only what is the environment's")
    func deletion() throws {
        let root = Self.environment()
        var observed = try Self.complete(try Self.desired(root))
        let kept = try DeployPlan.deleting(root, observed, deletesData: false)
        #expect(Self.titles(kept).first == "delete app notes" && kept.steps.count == 2, "\(kept)")
        #expect(kept.kept.contains("branch projects/notes/branches/production with all its data"))
        #expect(root.dataName == "notes")
        let all = try DeployPlan.deleting(root, observed, deletesData: true)
        #expect(all.steps.last == .deleteProject("projects/notes"))
        observed.otherBranches = ["staging"]
        let refused = try #require(throws: DeployError.self) {
            try DeployPlan.deleting(root, observed, deletesData: true)
        }
        #expect(refused.details == ["branch staging"])
        let branch = Self.environment(.autoscaling(.init(project: "notes", branch: "dev")))
        #expect(branch.dataName == "notes/dev")
        #expect(
            try DeployPlan.deleting(branch, observed, deletesData: true).steps.last
                == .deleteBranch("projects/notes/branches/dev"))
        let own = Self.environment(.instance("i"), database: "notes_alice")
        #expect(own.dataName == "i/notes_alice")
        observed.instance = Database.Instance(name: "i")
        #expect(try DeployPlan.deleting(own, observed, deletesData: true).steps.last == .deleteDatabase("notes_alice"))
        observed.otherDatabases = ["notes_bob"]
        #expect(throws: DeployError.self) {
            try DeployPlan.deleting(Self.environment(.instance("i")), observed, deletesData: true)
        }
    }
}
