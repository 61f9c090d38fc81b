//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LocalWorkspace

@Suite("Rules of resources") struct WorkspaceStateTests {
    static let caller = LocalIdentity(
        kind: .user, userName: "ann@example.com", displayName: "Ann", id: "1", credential: Secret("x")
    )
    static let production = "projects/shop/branches/production"

    /// An inventory with one project, and a clock that a test moves.
    struct World {
        var inventory = WorkspaceState()
        var now = Date(timeIntervalSince1970: 1_800_000_000)
        var postgresMajors = [18, 16, 15]
        private var seed: UInt64 = 1

        init(isReady: Bool = true) throws {
            let operation = try self.handle(.createProject(id: "shop", .init()))
            if isReady { self.complete(operation) }
        }

        @discardableResult
        mutating func handle(_ event: ResourceEvent) throws -> OperationRecord {
            self.seed += 1
            var context = WorkspaceState.Context(
                now: self.now, caller: WorkspaceStateTests.caller, postgresMajors: self.postgresMajors,
                names: NameSource(seed: self.seed)
            )
            return try self.inventory.handle(event, &context)
        }

        mutating func complete(_ operation: OperationRecord, failure: OperationRecord.Failure? = nil) {
            _ = self.inventory.complete(operation.name, failure: failure, at: self.now)
        }

        /// Makes a branch and everything it takes.
        mutating func branch(_ id: String, _ spec: Postgres.BranchSpec = .init(noExpiry: true)) throws {
            self.complete(try self.handle(.createBranch(.init(project: "shop", id: id, body: .init(spec: spec)))))
        }

        /// The refusal of a request; `nil` if it is not refused, and nothing changes either way.
        func refusal(_ event: ResourceEvent) -> APIFailure? {
            var copy = self
            do {
                try copy.handle(event)
                return nil
            } catch {
                return error as? APIFailure
            }
        }
    }

    static func mask(_ text: String, _ body: some Encodable) throws -> RequestedFields {
        let data = try JSONEncoder().encode(body)
        return try RequestedFields(text, body: try JSONDecoder().decode(JSONValue.self, from: data))
    }

    @Test func `a project comes with a branch, an endpoint, its maker's role and a database`() throws {
        let world = try World()
        let inventory = world.inventory
        #expect(inventory.branches.keys.sorted() == [Self.production])
        #expect(inventory.branches[Self.production]?.state == .ready)
        #expect(inventory.endpoints.keys.sorted() == [Self.production + "/endpoints/primary"])
        #expect(inventory.roles.values.map(\.postgresRole) == ["ann@example.com"])
        #expect(inventory.databases.values.map(\.postgresDatabase) == ["databricks_postgres"])
        #expect(inventory.operations.isEmpty)
    }

    @Test func `what failed leaves nothing`() throws {
        var world = try World()
        let branch = try world.handle(
            .createBranch(.init(project: "shop", id: "dev", body: .init(spec: .init(noExpiry: true)))))
        #expect(world.inventory.branches.count == 2)
        world.complete(branch, failure: .init(code: "INTERNAL_ERROR", message: "disk full"))
        #expect(world.inventory.branches.count == 1 && world.inventory.endpoints.count == 1)
        #expect(world.inventory.roles.count == 1 && world.inventory.databases.count == 1)

        let role = try world.handle(
            .createRole(branch: Self.production, id: "bob", .init(spec: .init(postgresRole: "bob")), replace: false)
        )
        world.complete(role, failure: .init(code: "BAD_REQUEST", message: "exists"))
        #expect(world.inventory.roles.count == 1)
    }

    @Test(arguments: ["", "A", "1a", "a_b", "a-", String(repeating: "a", count: 64), "-a"])
    func `an id that cannot be is refused`(id: String) throws {
        let world = try World()
        #expect(world.refusal(.createProject(id: id, .init()))?.code == "INVALID_PARAMETER_VALUE")
        let branch = ResourceEvent.BranchRequest(project: "shop", id: id, body: .init(spec: .init(noExpiry: true)))
        #expect(world.refusal(.createBranch(branch))?.status == 400)
    }

    @Test func `a duplicate is 409 for projects and endpoints, 400 for branches, roles and databases`() throws {
        var world = try World()
        try world.branch("dev")
        let endpoint = Postgres.Endpoint(spec: .init(endpointType: .readWrite))
        let owner = "\(Self.production)/roles/ann"
        let cases: [(ResourceEvent, Int, String)] = [
            (.createProject(id: "shop", .init()), 409, "ALREADY_EXISTS"),
            (
                .createBranch(.init(project: "shop", id: "dev", body: .init(spec: .init(noExpiry: true)))), 400,
                "BAD_REQUEST"
            ),
            (.createEndpoint(branch: Self.production, id: "primary", endpoint, replace: false), 409, "ALREADY_EXISTS"),
            (.createEndpoint(branch: Self.production, id: "second", endpoint, replace: false), 400, "BAD_REQUEST"),
            (
                .createRole(
                    branch: Self.production, id: nil, .init(spec: .init(postgresRole: "ann@example.com")),
                    replace: false),
                400, "BAD_REQUEST"
            ),
            (
                .createDatabase(
                    branch: Self.production, id: nil,
                    .init(spec: .init(postgresDatabase: "databricks_postgres", role: owner)), replace: false
                ), 400, "BAD_REQUEST"
            ),
            (.createInstance(.init(name: "shop")), 409, "ALREADY_EXISTS"),
        ]
        for (event, status, code) in cases {
            let refused = world.refusal(event)
            let refusal = try #require(refused, "\(event)")
            #expect(refusal.status == status && refusal.code == code, "\(refusal)")
        }
    }

    @Test func `the name of a deleted branch is free as soon as its deletion is done, and what it was is removed`()
        throws
    {
        var world = try World()
        let name = "projects/shop/branches/dev"
        try world.branch("dev")
        let old = try #require(world.inventory.branches[name])
        let again = ResourceEvent.createBranch(
            .init(project: "shop", id: "dev", body: .init(spec: .init(noExpiry: true))))
        let exists = try #require(world.refusal(again))
        #expect(exists.message == "branch already exists; branch_name:\"dev\"" && exists.isTraced)
        let deletion = try world.handle(.deleteBranch(name, purge: false))
        #expect(world.refusal(again)?.code == "ABORTED")
        world.complete(deletion)
        #expect(throws: APIFailure.notFound("branch id not found")) { try world.inventory.liveBranch(name) }

        world.now += 60
        let creation = try world.handle(again)
        let new = try #require(world.inventory.branches[name])
        #expect(new.uid != old.uid && !new.isDeleted && new.state == .creating)
        let removal = try #require(world.inventory.operations.values.first { $0.name != creation.name })
        #expect(removal.work == .purge([ComputeLocation(uid: old.uid, folder: old.folder)]) && removal.claims.isEmpty)
        // In whatever order they end.
        world.complete(creation)
        world.complete(removal)
        #expect(world.inventory.branches[name]?.state == .ready && world.inventory.roles(of: name).count == 1)
        #expect(world.refusal(.undeleteBranch(name))?.status == 400)
    }

    @Test func `below a deleted project there is nothing, and the project itself can be seen`() throws {
        var world = try World()
        world.complete(try world.handle(.deleteProject(id: "shop", purge: false)))
        #expect(try world.inventory.project("shop").deleteTime != nil)
        for look in [
            { _ = try $0.liveBranch(Self.production) }, { _ = try $0.role(Self.production + "/roles/ann") },
            { _ = try $0.endpoint(Self.production + "/endpoints/primary") }, { _ = try $0.liveProject("shop") },
        ] as [(WorkspaceState) throws -> Void] {
            #expect(throws: APIFailure.notFound("project id not found")) { try look(world.inventory) }
        }
    }

    @Test func `texts that clients look for`() throws {
        let world = try World()
        func branch(_ spec: Postgres.BranchSpec) -> ResourceEvent {
            .createBranch(.init(project: "shop", id: "dev", body: .init(spec: spec)))
        }
        let endpoint = Postgres.Endpoint(spec: .init(endpointType: .readWrite))
        for (event, words) in [
            (branch(.init()), "Expiration must be specified when creating a branch"),
            (branch(.init(ttl: .seconds(2_592_001))), "expiration time exceeds the maximum expiration time"),
            (
                branch(.init(sourceBranch: "projects/other/branches/b", noExpiry: true)),
                "source_branch field must point to the branch from the same Project"
            ),
            (
                .createEndpoint(branch: Self.production, id: "second", endpoint, replace: false),
                "read_write endpoint already exists"
            ),
            (
                .createRole(
                    branch: Self.production, id: "quiet",
                    .init(spec: .init(postgresRole: "quiet", authMethod: .noLogin)),
                    replace: false),
                "Creating roles with auth_method NO_LOGIN is not currently supported"
            ),
            (.deleteBranch(Self.production, purge: true), "Cannot delete root branch '\(Self.production)'."),
        ] as [(ResourceEvent, String)] {
            let refused = world.refusal(event)
            let refusal = try #require(refused, "\(event)")
            #expect(refusal.status == 400 && refusal.message.hasPrefix(words), "\(refusal)")
        }
    }

    @Test func `a project says the version that was asked for, and its instance too`() throws {
        var world = try World()
        world.complete(try world.handle(.createProject(id: "wanted", .init(spec: .init(pgVersion: 17)))))
        let view = ResourceView(inventory: world.inventory, suspendAfter: .seconds(60))
        #expect(view.project(try world.inventory.project("wanted")).status?.pgVersion == 17)
        #expect(view.instance(try world.inventory.project("wanted")).pgVersion == "PG_VERSION_17")
        #expect(view.project(try world.inventory.project("shop")).status?.pgVersion == 18)
    }

    @Test func `the missing ancestor is reported first`() throws {
        let world = try World()
        for (name, words) in [
            ("projects/no/branches/no/roles/no", "project"), ("projects/shop/branches/no/roles/no", "branch"),
            (Self.production + "/roles/no", "role"),
        ] {
            let refused = world.refusal(.deleteRole(name, heir: nil))
            let refusal = try #require(refused)
            #expect(refusal.status == 404 && refusal.message.hasPrefix(words + " id not found"))
        }
        let database = Postgres.Database(spec: .init(postgresDatabase: "x", role: Self.production + "/roles/no"))
        let refusal = world.refusal(.createDatabase(branch: Self.production, id: nil, database, replace: false))
        #expect(refusal?.status == 404 && refusal?.message == "role not found; role_id:\"no\"")
    }

    @Test func `a branch needs one way to end, within limits`() throws {
        var world = try World()
        let bad: [Postgres.BranchSpec] = [
            .init(), .init(ttl: .seconds(60), noExpiry: true), .init(noExpiry: false), .init(ttl: .seconds(0)),
            .init(ttl: .seconds(30 * 86_400 + 1)), .init(expireTime: world.now.addingTimeInterval(-1)),
            .init(ttl: .seconds(60), isProtected: true),
        ]
        for spec in bad {
            let event = ResourceEvent.createBranch(.init(project: "shop", id: "dev", body: .init(spec: spec)))
            #expect(world.refusal(event)?.status == 400, "\(spec)")
        }
        for spec in [
            Postgres.BranchSpec(sourceBranchLSN: "0/1", noExpiry: true), .init(sourceSnapshot: "s", noExpiry: true),
        ] {
            let event = ResourceEvent.createBranch(.init(project: "shop", id: "dev", body: .init(spec: spec)))
            #expect(world.refusal(event)?.status == 501)
        }
        try world.branch("dev", .init(ttl: .seconds(60)))
        #expect(world.inventory.deadlines.map(\.name) == ["projects/shop/branches/dev"])
        #expect(world.refusal(.expire("projects/shop/branches/dev"))?.status == 404)
        world.now += 60
        let operation = try world.handle(.expire("projects/shop/branches/dev"))
        #expect(world.inventory.branches["projects/shop/branches/dev"] == nil)
        guard case .purge(let folders) = operation.work else {
            Issue.record("\(operation.work)")
            return
        }
        #expect(folders.count == 1)
    }

    @Test func `what may not be deleted says why`() throws {
        var world = try World()
        try world.branch("kept", .init(noExpiry: true, isProtected: true))
        try world.branch("parent")
        try world.branch("child", .init(sourceBranch: "projects/shop/branches/parent", noExpiry: true))
        let cases: [(ResourceEvent, String)] = [
            (.deleteBranch(Self.production, purge: false), "Cannot delete root branch"),
            (.deleteBranch("projects/shop/branches/kept", purge: true), "cannot delete protected branch"),
            (.deleteBranch("projects/shop/branches/parent", purge: false), "with children"),
            (.deleteProject(id: "shop", purge: true), "protected branch"),
            (
                .deleteEndpoint(Self.production + "/endpoints/primary"),
                "Cannot delete read-write endpoint '\(Self.production)/endpoints/primary'"
            ),
            (.deleteRole(Self.production + "/roles/ann", heir: nil), "owns database"),
        ]
        for (event, words) in cases {
            let refused = world.refusal(event)
            let refusal = try #require(refused, "\(words)")
            #expect(refusal.status == 400 && refusal.message.contains(words), "\(refusal)")
        }
        #expect(world.refusal(.deleteBranch(Self.production, purge: false))?.details.isEmpty == false)
    }

    @Test func `a deleted branch comes back within its grace, and not after`() throws {
        var world = try World()
        try world.branch("dev")
        let name = "projects/shop/branches/dev"
        world.complete(try world.handle(.deleteBranch(name, purge: false)))
        #expect(world.inventory.branches[name]?.isDeleted == true)
        #expect(world.refusal(.deleteBranch(name, purge: false))?.status == 404)
        #expect(
            world.refusal(.createRole(branch: name, id: "x", .init(spec: .init(postgresRole: "x")), replace: false))?
                .status == 404)
        world.complete(try world.handle(.undeleteBranch(name)))
        #expect(world.inventory.branches[name]?.isDeleted == false)
        #expect(world.refusal(.undeleteBranch(name))?.status == 400)
        world.complete(try world.handle(.deleteBranch(name, purge: false)))
        world.now += WorkspaceState.gracePeriod
        world.complete(try world.handle(.expire(name)))
        #expect(world.refusal(.undeleteBranch(name))?.status == 404)
    }

    @Test func `a resource under way is 409, others are not kept`() throws {
        var world = try World()
        let branch = try world.handle(
            .createBranch(.init(project: "shop", id: "dev", body: .init(spec: .init(noExpiry: true)))))
        let refused = world.refusal(.deleteBranch("projects/shop/branches/dev", purge: true))
        let refusal = try #require(refused)
        #expect(refusal.status == 409 && refusal.message.contains("reconciliation"))
        // The source serves any number of copies.
        let other = try world.handle(
            .createBranch(.init(project: "shop", id: "dev2", body: .init(spec: .init(noExpiry: true)))))
        #expect(world.refusal(.deleteProject(id: "shop", purge: true))?.status == 409)
        world.complete(branch)
        world.complete(other)
        #expect(world.refusal(.deleteBranch("projects/shop/branches/dev", purge: true)) == nil)
    }

    @Test func `the default branch can be another, and then cannot end`() throws {
        var world = try World()
        try world.branch("dev")
        let body = Postgres.Project(spec: .init(defaultBranch: "projects/shop/branches/dev"))
        world.complete(try world.handle(.updateProject(id: "shop", body, try Self.mask("spec.default_branch", body))))
        #expect(world.inventory.projects["shop"]?.defaultBranch == "dev")
        #expect(
            world.refusal(.deleteBranch("projects/shop/branches/dev", purge: true))?.message.contains("default") == true
        )
        let expiring = Postgres.Branch(spec: .init(ttl: .seconds(60)))
        let update = ResourceEvent.updateBranch(
            "projects/shop/branches/dev", expiring, try Self.mask("spec.expiration", expiring))
        #expect(world.refusal(update)?.status == 400)
    }

    @Test func `an endpoint that reads is made beside the writer, and goes by itself or with its branch`() throws {
        var world = try World()
        try world.branch("dev")
        let dev = "projects/shop/branches/dev"
        func creation(_ id: String, _ type: Postgres.EndpointType, replace: Bool = false) -> ResourceEvent {
            .createEndpoint(branch: dev, id: id, .init(spec: .init(endpointType: type)), replace: replace)
        }
        let failing = try world.handle(creation("reader", .readOnly))
        #expect(world.refusal(creation("reader", .readOnly))?.code == "ALREADY_EXISTS")
        world.complete(failing, failure: .init(code: "INTERNAL_ERROR", message: "no"))
        #expect(world.inventory.endpoints(of: dev).map(\.id) == ["primary"])
        for id in ["reader", "second"] { world.complete(try world.handle(creation(id, .readOnly))) }
        #expect(world.refusal(creation("reader", .readWrite, replace: true))?.code == "INVALID_PARAMETER_VALUE")
        #expect(world.refusal(creation("primary", .readOnly, replace: true))?.code == "INVALID_PARAMETER_VALUE")
        #expect(world.refusal(creation("other", .readWrite))?.status == 400)
        #expect(world.inventory.writer(of: dev)?.id == "primary")

        let branch = try #require(world.inventory.branches[dev])
        let reader = try #require(world.inventory.endpoints[dev + "/endpoints/reader"])
        let second = try #require(world.inventory.endpoints[dev + "/endpoints/second"])
        let own = ComputeLocation(uid: branch.uid, folder: branch.folder)
        func place(_ endpoint: EndpointRecord) -> ComputeLocation { .init(uid: endpoint.uid, folder: endpoint.uid) }
        #expect(world.inventory.writer(of: dev).flatMap { world.inventory.place(of: $0) } == own)
        #expect(world.inventory.places(of: branch) == [place(reader), place(second), own])
        // A branch of the branch has none of them.
        world.complete(
            try world.handle(
                .createBranch(
                    .init(project: "shop", id: "child", body: .init(spec: .init(sourceBranch: dev, noExpiry: true))))))
        #expect(world.inventory.endpoints(of: "projects/shop/branches/child").map(\.id) == ["primary"])
        world.complete(try world.handle(.deleteBranch("projects/shop/branches/child", purge: true)))

        let deletion = try world.handle(.deleteEndpoint(reader.name))
        #expect(deletion.work == .purge([place(reader)]) && deletion.work.isDeletion)
        #expect(world.inventory.endpoints[reader.name] == nil)
        world.complete(deletion)
        let purge = try world.handle(.deleteBranch(dev, purge: true))
        #expect(purge.work == .purge([place(second), own]))
        #expect(world.inventory.endpoints(of: dev).isEmpty)
    }

    @Test func `roles of the server become rows, unless the API has changed them meanwhile`() throws {
        var world = try World()
        let owner = try #require(world.inventory.roles(of: Self.production).first)
        func observed(_ name: String, createsRoles: Bool = false) -> ObservedRole {
            ObservedRole(
                postgresRole: name, identity: nil, login: .none, isSuperuser: false, createsDatabases: false,
                createsRoles: createsRoles, bypassesRowSecurity: false)
        }
        let own = ObservedRole(
            postgresRole: owner.postgresRole, identity: owner.identity, login: owner.login, isSuperuser: true,
            createsDatabases: true, createsRoles: true, bypassesRowSecurity: true)
        func adopt(_ roles: [ObservedRole], since before: WorkspaceState? = nil) {
            world.inventory.adopt([own] + roles, on: Self.production, since: before ?? world.inventory, now: world.now)
        }
        func names() -> Set<String> { Set(world.inventory.roles(of: Self.production).map(\.id)) }
        let start = world.inventory
        adopt([])
        #expect(world.inventory == start)
        adopt([observed("x"), observed("X")])
        #expect(names() == [owner.id, "x", "x-2"])
        world.now += 5
        adopt([observed("X", createsRoles: true), observed("x")])
        #expect(world.inventory.roles["\(Self.production)/roles/x-2"]?.createsRoles == true)
        #expect(world.inventory.roles["\(Self.production)/roles/x-2"]?.updateTime == world.now)

        // One that is being made or dropped, or was since the server was asked.
        let before = world.inventory
        let making = try world.handle(
            .createRole(branch: Self.production, id: "y", .init(spec: .init(postgresRole: "y")), replace: false))
        adopt([observed("x"), observed("X")])
        #expect(names().contains("y"))
        world.complete(making)
        adopt([observed("x"), observed("X")], since: before)
        #expect(names().contains("y"))
        let beforeDeletion = world.inventory
        let dropping = try world.handle(.deleteRole("\(Self.production)/roles/x", heir: nil))
        world.complete(dropping)
        adopt([observed("x"), observed("X"), observed("y")], since: beforeDeletion)
        #expect(names() == [owner.id, "x-2", "y"])
        // Dropped by SQL, but for the owner of a database.
        adopt([])
        #expect(names() == [owner.id])
        world.inventory.adopt([], on: Self.production, since: world.inventory, now: world.now)
        #expect(names() == [owner.id])
    }

    @Test func `a child has what its parent has`() throws {
        var world = try World()
        let role = Postgres.Role(spec: .init(postgresRole: "bob", attributes: .init(createDatabase: true)))
        world.complete(try world.handle(.createRole(branch: Self.production, id: "bob", role, replace: false)))
        try world.branch("dev")
        let bob = world.inventory.roles["projects/shop/branches/dev/roles/bob"]
        #expect(bob?.createsDatabases == true && bob?.login == .password)
        let database = world.inventory.databases["projects/shop/branches/dev/databases/databricks-postgres"]
        #expect(database?.role == "projects/shop/branches/dev/roles/ann")
    }
}
