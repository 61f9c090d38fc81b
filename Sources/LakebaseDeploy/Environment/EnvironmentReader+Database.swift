//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import ExactText
import Lakebase
import LakebaseSchema

/// Roles, schema, migrations and privileges.
extension EnvironmentReader {
    /// Runs a body with a client of a database, logged in as the user who deploys.
    ///
    /// - Parameter patience: See ``DatabaseConnector/withClient(_:schema:as:patience:_:)``.
    func withDatabase<Value: Sendable>(
        _ lakebase: DeploymentLakebase.Target, _ database: String, schema: String?, as deployer: String,
        patience: Duration = .zero, _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let target: LakebaseConfiguration.Target
        switch lakebase {
        case .autoscaling(let place):
            guard let endpoint = try await self.endpoint(of: place.branchName)?.name else {
                throw DeployError(
                    .failed, "the branch \(place.branchName) has no read-write endpoint",
                    remedy: "create one, and run this again")
            }
            target = .autoscaling(endpoint: endpoint, host: nil)
        case .provisioned(let place): target = .provisioned(instance: place.instance, host: nil)
        }
        return try await self.database.withClient(
            .init(target: target, name: database), schema: schema, as: deployer, patience: patience, body)
    }

    /// Reads what is in the database; nil when there is no database that can be connected to.
    func contents(_ desired: DesiredState, _ state: ObservedState) async throws -> ObservedState.Contents? {
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

    /// Lists the databases of an instance except the environment's and the default ones; the API lists those of a branch.
    func databasesOfInstance(_ environment: DeploymentEnvironment, _ state: ObservedState) async throws -> [String] {
        guard case .provisioned(let place) = environment.lakebase.target, let instance = state.instance else {
            return []
        }
        guard instance.effectiveStopped != true else {
            throw DeployError(
                .failed, "the instance \(place.instance) is stopped, so that its databases cannot be listed",
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
        contents.migrations = try await self.database.migrator(desired, client).status(desired.migrations)
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

    /// Lists the existing roles that cannot be used, with the reason.
    private func roleProblems(_ desired: DesiredState, app: String?) async throws -> [String] {
        var wanted = try desired.lakebase.permissions.map { try $0.principal.wantedRole }
        if let app { wanted.append(try WantedRole(name: app, identity: .servicePrincipal)) }
        guard !wanted.isEmpty else { return [] }
        let roles = try await RoleManager(workspace: self.workspace, place: desired.lakebase.target.rolePlace).roles()
        return wanted.compactMap { role in RolePlan(role, found: roles.first { $0.name.isExactly(role.name) }).problem }
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
