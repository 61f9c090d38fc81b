//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Lakebase

/// Projects, branches, instances and databases.
extension DeployExecutor {
    func createProject(_ place: DeploymentLakebase.Autoscaling) async throws {
        var project = Postgres.Project()
        if place.isRoot, let capacity = place.capacity {
            project.initialEndpointSpec = Postgres.InitialEndpointSpec(
                autoscalingLimitMinCU: capacity.minimum, autoscalingLimitMaxCU: capacity.maximum)
        }
        let wanted = project
        try await self.make("project \(place.project)") {
            _ = try await self.wait(try await self.workspace.postgres.createProject(wanted, id: place.project))
        } unless: { () async throws(DatabricksError) in
            try await self.workspace.postgres.getProject(place.projectName)
        }
        let root = "\(place.projectName)/branches/\(DeploymentLakebase.Autoscaling.defaultBranch)"
        try await self.ready(branch: place.isRoot ? place.branchName : root)
    }

    func createBranch(_ place: DeploymentLakebase.Autoscaling) async throws {
        let source = (place.origin?.branch).map { "\(place.projectName)/branches/\($0)" }
        let spec = Postgres.BranchSpec(
            sourceBranch: source, ttl: place.origin?.ttl.map { ProtobufDuration($0) },
            noExpiry: place.origin?.ttl == nil ? true : nil)
        try await self.make("branch \(place.branchName)") {
            _ = try await self.wait(
                try await self.workspace.postgres.createBranch(
                    Postgres.Branch(spec: spec), id: place.branch, parent: place.projectName))
        } unless: { () async throws(DatabricksError) in
            try await self.workspace.postgres.getBranch(place.branchName)
        }
        try await self.ready(branch: place.branchName)
    }

    /// Waits until a branch and the endpoint that writes it can be used, whether this deployment makes them or another.
    func ready(branch name: String) async throws {
        let endpoint = try await self.poll("the branch \(name) is not ready", within: self.options.stepLimit) {
            let branch = try await EnvironmentReader.ifFound { () async throws(DatabricksError) in
                try await self.workspace.postgres.getBranch(name)
            }
            guard branch?.status?.currentState == .ready else { return nil as Postgres.Endpoint? }
            let endpoint = try await self.reader.endpoint(of: name)
            return endpoint?.status?.hosts?.host == nil ? nil : endpoint
        }
        if let name = endpoint.name { _ = try await self.wait(self.workspace.postgres.endpointSettling(name)) }
    }

    func resizeEndpoint(of branch: String, to capacity: ComputeRange) async throws {
        guard let endpoint = try await self.reader.endpoint(of: branch), let name = endpoint.name else {
            throw DeployError(.failed, "the branch \(branch) has no endpoint that writes", remedy: "give it one")
        }
        guard
            endpoint.status?.autoscalingLimitMinCU != capacity.minimum
                || endpoint.status?.autoscalingLimitMaxCU != capacity.maximum
        else { return }
        let change = Postgres.Endpoint(
            spec: Postgres.EndpointSpec(
                autoscalingLimitMinCU: capacity.minimum, autoscalingLimitMaxCU: capacity.maximum))
        // What another caller is still changing is refused with a conflict, and settles.
        try await self.poll("the endpoint \(name) is still being changed", within: self.options.stepLimit) {
            _ = try await self.wait(self.workspace.postgres.endpointSettling(name))
            let isDone = try await self.unlessBusy {
                _ = try await self.wait(
                    try await self.workspace.postgres.updateEndpoint(
                        name, to: change, mask: ["spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"]))
            }
            return isDone ? () : nil
        }
        _ = try await self.wait(self.workspace.postgres.endpointSettling(name))
    }

    // MARK: Instances

    func createInstance(_ place: DeploymentLakebase.Provisioned) async throws {
        try await self.make("instance \(place.instance)") {
            _ = try await self.wait(
                try await self.workspace.database.createDatabaseInstance(
                    Database.Instance(name: place.instance, capacity: (place.capacity ?? .cu1).rawValue)))
        } unless: { () async throws(DatabricksError) in
            try await self.workspace.database.getDatabaseInstance(place.instance)
        }
        try await self.available(place.instance)
    }

    func resizeInstance(_ name: String, to capacity: InstanceCapacity) async throws {
        _ = try await self.workspace.database.updateDatabaseInstance(
            name, to: Database.Instance(name: name, capacity: capacity.rawValue), mask: ["capacity"])
        try await self.available(name)
    }

    func startInstance(_ name: String) async throws {
        _ = try await self.wait(try await self.workspace.database.startDatabaseInstance(name))
    }

    func available(_ name: String) async throws {
        try await self.poll("the instance \(name) is not available", within: self.options.stepLimit) {
            let instance = try await self.workspace.database.getDatabaseInstance(name)
            // A stopped instance is started by a separate step.
            return instance.state == .available || instance.state == .stopped ? () : nil
        }
    }

    // MARK: Databases

    func createDatabase(_ name: String) async throws {
        switch self.desired.lakebase.target {
        case .autoscaling(let place): try await self.createDatabase(name, on: place.branchName)
        case .provisioned(let place):
            if let branch = try await self.reader.branch(ofInstance: place.instance) {
                return try await self.createDatabase(name, on: branch)
            }
            try await self.inDatabase(DeploymentLakebase.defaultDatabase) { client in
                try await client.withConnection { connection in
                    let isThere = try await connection.query(
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = \(name))"
                    ).decode(Bool.self).first
                    if isThere != true { try await connection.query("CREATE DATABASE \(identifier: name)") }
                }
            }
        }
    }

    private func createDatabase(_ name: String, on branch: String) async throws {
        guard try await self.reader.database(name, on: branch) == nil else { return }
        let deployer = try await self.reader.userName()
        let roles = try await self.workspace.postgres.listRoles(parent: branch).all()
        guard let owner = roles.first(where: { $0.status?.postgresRole == deployer })?.name else {
            throw DeployError(
                .failed, "there is no role \(deployer) on \(branch) that could own the database \(name)",
                remedy: "have the owner of the project make one: lakebase roles create")
        }
        do {
            _ = try await self.wait(
                try await self.workspace.postgres.createDatabase(
                    Postgres.Database(spec: .init(postgresDatabase: name, role: owner)), parent: branch))
        } catch let error as DatabricksError where error.code == .invalidRequest || error.code == .conflict {
            // A name that is taken is a wrong request to this call.
            guard try await self.reader.database(name, on: branch) != nil else { throw error }
        }
    }

    // MARK: Deletion

    func deleteDatabase(_ name: String) async throws {
        let branch: String? =
            switch self.desired.lakebase.target {
            case .autoscaling(let place): place.branchName
            case .provisioned(let place): try await self.reader.branch(ofInstance: place.instance)
            }
        if let branch {
            guard let database = try await self.reader.database(name, on: branch)?.name else { return }
            return try await self.delete {
                try await self.wait(try await self.workspace.postgres.deleteDatabase(database))
            }
        }
        try await self.inDatabase(DeploymentLakebase.defaultDatabase) { client in
            _ = try await client.query("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
        }
    }

    func deleteBranch(_ name: String) async throws {
        try await self.delete { try await self.wait(try await self.workspace.postgres.deleteBranch(name, purge: true)) }
    }

    func deleteProject(_ name: String) async throws {
        try await self.delete {
            try await self.wait(try await self.workspace.postgres.deleteProject(name, purge: true))
        }
    }

    func deleteInstance(_ name: String) async throws {
        try await self.delete { try await self.workspace.database.deleteDatabaseInstance(name) }
        try await self.poll("the instance \(name) is not gone", within: self.options.stepLimit) {
            let instance = try await EnvironmentReader.ifFound { () async throws(DatabricksError) in
                try await self.workspace.database.getDatabaseInstance(name)
            }
            return instance == nil ? () : nil
        }
    }

    /// Deletes what may be gone already.
    func delete(_ call: () async throws -> Void) async throws {
        do {
            try await call()
        } catch let error as DatabricksError where error.code == .notFound {}
    }
}
