//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import ExactText
import Lakebase
import LakebaseSchema

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at the workspace and the database.
extension Deployer {
    /// Everything that a plan is made from.
    func observe(_ desired: DesiredState) async throws -> ObservedState {
        var state = try await self.observe(desired.environment)
        state.contents = try await self.contents(desired, state)
        return state
    }

    /// What the workspace says.
    func observe(_ environment: DeploymentEnvironment) async throws -> ObservedState {
        var state = ObservedState(deployer: try await self.userName())
        switch environment.lakebase.target {
        case .autoscaling(let branch): try await self.observe(branch, database: environment.lakebase.database, &state)
        case .provisioned(let wanted):
            state.instance = try await Self.ifThere { () async throws(DatabricksError) in
                try await self.workspace.database.getDatabaseInstance(wanted.instance)
            }
        }
        let app = try await Self.ifThere { () async throws(DatabricksError) in
            try await self.workspace.apps.get(environment.app.name)
        }
        state.isAppLeaving = app?.computeStatus?.state == .deleting
        state.app = state.isAppLeaving ? nil : app
        state.folder = try await self.folder(WorkspaceFolder.path(app: environment.app.name, of: state.deployer))
        return state
    }

    /// Who deploys.
    func userName() async throws -> String {
        guard let name = try await self.workspace.currentUser.me().userName, !name.isEmpty else {
            throw DeployError(
                .invalid, "the workspace does not say who owns these credentials", remedy: "lakebase auth describe")
        }
        return name
    }

    private func observe(
        _ place: DeploymentLakebase.Autoscaling, database: String, _ state: inout ObservedState
    ) async throws {
        let postgres = self.workspace.postgres
        state.project = try await Self.ifThere { () async throws(DatabricksError) in
            try await postgres.getProject(place.projectName)
        }
        guard let project = state.project, project.deleteTime == nil else { return }
        state.branch = try await Self.ifThere { () async throws(DatabricksError) in
            try await postgres.getBranch(place.branchName)
        }
        for branch in try await postgres.listBranches(parent: place.projectName).all()
        where branch.name != place.branchName && branch.status?.deleteTime == nil {
            state.otherBranches.append(branch.name?.splitExactly(at: "/").last.map(String.init) ?? "?")
        }
        guard state.branch != nil else { return }
        state.endpoint = try await self.endpoint(of: place.branchName)
        for found in try await postgres.listDatabases(parent: place.branchName).all() {
            let name = found.status?.postgresDatabase
            if name?.isExactly(database) == true {
                state.database = found
            } else if let name, name != DeploymentLakebase.defaultDatabase {
                state.otherDatabases.append(name)
            }
        }
    }

    /// The endpoint that writes a branch: by its type, since the first of the list may only read.
    func endpoint(of branch: String) async throws -> Postgres.Endpoint? {
        try await self.workspace.postgres.listEndpoints(parent: branch).all()
            .first { $0.status?.endpointType == .readWrite }
    }

    /// A database of a branch by its name in PostgreSQL, which is not its id.
    func database(_ name: String, on branch: String) async throws -> Postgres.Database? {
        try await self.workspace.postgres.listDatabases(parent: branch).all()
            .first { $0.status?.postgresDatabase?.isExactly(name) == true }
    }

    // MARK: Files

    /// The folder of an app.
    func folder(_ path: String) async throws -> WorkspaceFolder {
        let list = try await Self.ifThere { () async throws(DatabricksError) in
            try await self.workspace.workspace.list(path)
        }
        guard let list else { return WorkspaceFolder() }
        var folder = WorkspaceFolder(isThere: true)
        if list.contains(where: { Self.name($0) == "record.json" }) {
            let bytes = try await Self.ifThere { () async throws(DatabricksError) in
                try await self.workspace.workspace.download("\(path)/record.json")
            }
            // If the list cannot be read, every file is written again.
            folder.record =
                bytes.flatMap { try? JSONDecoder().decode(WorkspaceFolder.Record.self, from: $0) } ?? .init()
        }
        folder.files = try await self.files(below: "\(path)/source")
        return folder
    }

    /// The files below a folder by their path from there; none when it is not there.
    func files(below root: String) async throws -> [String: WorkspaceFolder.File] {
        var files: [String: WorkspaceFolder.File] = [:]
        var folders = [""]
        while let folder = folders.popLast() {
            let path = folder.isEmpty ? root : "\(root)/\(folder)"
            let list = try await Self.ifThere { () async throws(DatabricksError) in
                try await self.workspace.workspace.list(path)
            }
            for object in list ?? [] {
                guard let name = Self.name(object) else { continue }
                let place = folder.isEmpty ? name : "\(folder)/\(name)"
                if object.objectType == .directory {
                    folders.append(place)
                } else {
                    files[place] = .init(size: object.size, modifiedAt: object.modifiedAt)
                }
            }
        }
        return files
    }

    private static func name(_ object: Workspace.ObjectInfo) -> String? {
        object.path?.splitExactly(at: "/").last.map(String.init)
    }

    // MARK: The database

    /// What is in the database; nil when there is none that could be asked.
    private func contents(_ desired: DesiredState, _ state: ObservedState) async throws -> ObservedState.Contents? {
        switch desired.lakebase.target {
        case .autoscaling:
            guard state.branch?.status?.currentState == .ready, state.endpoint?.status?.hosts?.host != nil,
                state.database != nil
            else { return nil }
            if state.endpoint?.status?.disabled == true {
                throw DeployError(
                    .failed,
                    "the endpoint \(state.endpoint?.name ?? "of the branch") is disabled and takes no connection",
                    remedy: "enable it, and run this again")
            }
        case .provisioned:
            guard let instance = state.instance, instance.effectiveStopped != true, instance.readWriteDNS != nil else {
                return nil
            }
            if desired.lakebase.database != DeploymentLakebase.defaultDatabase {
                let isThere = try await self.withDatabase(
                    desired.lakebase.target, DeploymentLakebase.defaultDatabase, schema: nil, as: state.deployer
                ) { client in
                    try await client.query(
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = \(desired.lakebase.database))"
                    ).decode(Bool.self).first == true
                }
                guard isThere else { return ObservedState.Contents(hasDatabase: false) }
            }
        }
        return try await self.withDatabase(
            desired.lakebase.target, desired.lakebase.database, schema: desired.lakebase.schema, as: state.deployer
        ) { client in
            try await self.contents(desired, state, client)
        }
    }

    /// The databases of an instance beside the environment's and the usual one; those of a branch are known from the API.
    func databasesOfInstance(_ environment: DeploymentEnvironment, _ state: ObservedState) async throws -> [String] {
        guard case .provisioned(let place) = environment.lakebase.target, let instance = state.instance else {
            return []
        }
        guard instance.effectiveStopped != true else {
            throw DeployError(
                .failed, "the instance \(place.instance) is stopped, and nobody can see which databases it has",
                remedy: "start it, and run this again")
        }
        let usual = ["postgres", DeploymentLakebase.defaultDatabase, environment.lakebase.database]
        return try await self.withDatabase(
            environment.lakebase.target, DeploymentLakebase.defaultDatabase, schema: nil, as: state.deployer
        ) { client in
            try await client.query(
                """
                SELECT datname::text FROM pg_catalog.pg_database
                WHERE NOT datistemplate AND datname::text <> ALL(\(usual)) ORDER BY 1
                """
            ).decode(String.self)
        }
    }

    private func contents(
        _ desired: DesiredState, _ state: ObservedState, _ client: LakebaseClient
    ) async throws -> ObservedState.Contents {
        var contents = ObservedState.Contents()
        contents.schemaOwner = try await client.query(
            "SELECT pg_get_userbyid(nspowner)::text FROM pg_catalog.pg_namespace WHERE nspname = \(desired.lakebase.schema)"
        ).decode(String.self).first
        let app = state.app?.servicePrincipalClientID
        let names = desired.grants.map { $0.grantee.role(app: app) }
        let owners = [desired.owner].compactMap { $0 }
        contents.roles = Set(
            try await client.query(
                "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY(\(names.compactMap { $0 } + owners))"
            ).decode(String.self))
        contents.roleProblems = try await self.roleProblems(desired, app: app)
        contents.migrations = try await self.migrator(desired, client).status(desired.migrations)
        for (grant, name) in zip(desired.grants, names) {
            guard let name, ([name] + owners).allSatisfy(contents.hasRole), contents.schemaOwner != nil else {
                contents.missing.append([])
                continue
            }
            let set = grant.set(role: name, desired, deployer: state.deployer)
            contents.missing.append(try await GrantManager(client: client).verify(set))
            contents.leftOut += try await GrantManager(client: client).leftOut(set).map {
                "privileges of \(name): \($0)"
            }
        }
        let known = [state.deployer, desired.owner ?? state.deployer, app ?? state.deployer]
        contents.strangers = try await client.query(
            """
            SELECT format('%I.%I is owned by %s', nspname, relname, pg_get_userbyid(relowner))
            FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = \(desired.lakebase.schema) AND relkind IN ('r', 'p', 'v', 'm', 'f')
            AND pg_get_userbyid(relowner)::text <> ALL(\(known))
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend AS tie
                WHERE tie.classid = 'pg_catalog.pg_class'::regclass AND tie.objid = pg_class.oid AND tie.deptype = 'e'
            )
            ORDER BY relname LIMIT 20
            """
        ).decode(String.self)
        return contents
    }

    /// What is wrong with roles that are there.
    private func roleProblems(_ desired: DesiredState, app: String?) async throws -> [String] {
        var wanted = try desired.lakebase.permissions.map { try $0.principal.wantedRole }
        if let app { wanted.append(try WantedRole(name: app, identity: .servicePrincipal)) }
        guard !wanted.isEmpty else { return [] }
        let roles = try await RoleManager(workspace: self.workspace, place: desired.lakebase.target.rolePlace).roles()
        return wanted.compactMap { role in RolePlan(role, found: roles.first { $0.name.isExactly(role.name) }).problem }
    }

    func migrator(_ desired: DesiredState, _ client: LakebaseClient) -> Migrator {
        Migrator(
            client: client,
            options: .init(
                historySchema: desired.historySchema, owner: desired.owner, lockLimit: self.options.lockLimit),
            logger: self.logger)
    }

    /// Runs a body with a client that logs in as the user who deploys.
    ///
    /// - Parameter patience: How long a refused login is tried again: a new database takes a while until it knows who may log in.
    func withDatabase<Value: Sendable>(
        _ lakebase: DeploymentLakebase.Target, _ database: String, schema: String?, as deployer: String,
        patience: Duration = .zero, _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let target: LakebaseConfiguration.Target
        switch lakebase {
        case .autoscaling(let place):
            guard let endpoint = try await self.endpoint(of: place.branchName)?.name else {
                throw DeployError(
                    .failed, "the branch \(place.branchName) has no endpoint that writes",
                    remedy: "give it one, and run this again")
            }
            target = .autoscaling(endpoint: endpoint, host: nil)
        case .provisioned(let place): target = .provisioned(instance: place.instance, host: nil)
        }
        var pool = PQPoolConfiguration(maximumConnections: 3)
        (pool.wakeTimeout, pool.acquireTimeout) = (.seconds(120), .seconds(150))
        var configuration = LakebaseConfiguration(
            target: target, port: self.options.port, database: database, username: deployer,
            rootCertificate: self.options.rootCertificate, applicationName: "lakebase deploy", schema: schema,
            workspace: self.workspace.configuration, pool: pool)
        configuration.telemetry.poolName = "deploy"
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                let client = try LakebaseClient(
                    configuration: configuration, workspace: self.workspace, logger: self.logger)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await client.run() }
                    defer { group.cancelAll() }
                    if patience > .zero { _ = try await client.query("SELECT 1") }
                    return try await body(client)
                }
            } catch let error as LakebaseError where error.code == .loginRejected && ContinuousClock.now < deadline {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

extension DesiredState.Grant {
    /// The same as a set for a role, which also holds for what migrations will make.
    func set(role: String, _ desired: DesiredState, deployer: String) -> GrantSet {
        GrantSet(
            role: role, database: desired.lakebase.database, schema: desired.lakebase.schema,
            privileges: self.access.privileges,
            creators: [desired.owner ?? deployer])
    }
}

extension DeploymentPermission.Principal {
    /// The role that goes with it.
    var wantedRole: WantedRole {
        get throws {
            switch self {
            case .user(let name): try WantedRole(name: name, identity: .user)
            case .servicePrincipal(let name): try WantedRole(name: name, identity: .servicePrincipal)
            case .group(let name): try WantedRole(name: name, identity: .group)
            }
        }
    }
}

extension DeploymentLakebase.Target {
    /// Where its roles are, for the API.
    var rolePlace: RoleManager.Place {
        switch self {
        case .autoscaling(let place): .branch(place.branchName)
        case .provisioned(let place): .instance(place.instance)
        }
    }
}
