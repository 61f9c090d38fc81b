//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Logging

/// Finds what the configuration leaves open: the host of an endpoint, the endpoint of a host, the user of a token.
///
/// Looked up once, at first use; a failure is not kept, so the next use tries again.
package actor TargetResolver {
    /// What a credential is minted for.
    package enum CredentialScope: Sendable, Hashable {
        case endpoint(String)
        case instance(String)

        package var name: String {
            switch self {
            case .endpoint(let name), .instance(let name): name
            }
        }
    }

    package struct Resolved: Sendable, Hashable {
        package var credentialScope: CredentialScope
        package var host: String
        package var username: String
    }

    private let configuration: LakebaseConfiguration
    private let workspace: WorkspaceClient
    private let logger: Logger
    private var result: Resolved?
    private var isResolving = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(configuration: LakebaseConfiguration, workspace: WorkspaceClient, logger: Logger) {
        self.configuration = configuration
        self.workspace = workspace
        self.logger = logger
    }

    /// The complete target.
    ///
    /// One look-up at a time; callers that come meanwhile wait for it.
    ///
    /// - Throws: ``LakebaseError`` with code ``LakebaseError/Code/targetNotFound``; `CancellationError`.
    package func resolved() async throws -> Resolved {
        while self.isResolving {
            await withCheckedContinuation { self.waiters.append($0) }
        }
        if let result { return result }
        self.isResolving = true
        defer {
            self.isResolving = false
            for waiter in self.waiters { waiter.resume() }
            self.waiters.removeAll()
        }
        let found = try await self.find()
        self.result = found
        self.logger.debug(
            "Target found",
            metadata: [
                "lakebase.target": "\(found.credentialScope.name)", "server.address": "\(found.host)",
                "lakebase.user": "\(found.username)",
            ])
        return found
    }

    private func find() async throws -> Resolved {
        do {
            let (scope, host) = try await self.place()
            let username: String
            // A login in the role of a group uses the group's name.
            if let configured = self.configuration.username ?? self.configuration.credential.group {
                username = configured
            } else {
                username = try await self.identity()
            }
            return Resolved(credentialScope: scope, host: host, username: username)
        } catch let error as DatabricksError {
            throw LakebaseError(
                .targetNotFound, "the workspace could not be asked where the database is: \(error)",
                remedy: LakebaseProblem.ofWorkspace(error).remedy, underlying: error)
        }
    }

    private func identity() async throws -> String {
        guard let name = try await self.workspace.currentUser.me().userName, !name.isEmpty else {
            throw LakebaseError(
                .targetNotFound, "the workspace does not say which identity owns its token",
                problem: .identityUnnamed,
                remedy: "set PGUSER to the e-mail of the user or the client id of the service principal")
        }
        return name
    }

    private func place() async throws -> (CredentialScope, host: String) {
        switch self.configuration.target {
        case .autoscaling(let endpoint?, let host?):
            if !self.isTrusted(host) {
                let hosts = try await self.workspace.postgres.getEndpoint(endpoint).status?.hosts
                try self.require(host, among: [hosts?.host, hosts?.readOnlyHost], of: endpoint)
            }
            return (.endpoint(endpoint), host)
        case .autoscaling(let endpoint?, nil): return (.endpoint(endpoint), try await self.host(ofEndpoint: endpoint))
        case .autoscaling(nil, let host?): return (.endpoint(try await self.endpoint(ofHost: host)), host)
        case .provisioned(let instance?, let host?):
            if !self.isTrusted(host) {
                let found = try await self.workspace.database.getDatabaseInstance(instance)
                try self.require(host, among: [found.readWriteDNS, found.readOnlyDNS], of: instance)
            }
            return (.instance(instance), host)
        case .provisioned(let instance?, nil): return (.instance(instance), try await self.host(ofInstance: instance))
        case .provisioned(nil, let host?): return (.instance(try await self.instance(ofHost: host)), host)
        case .autoscaling(nil, nil), .provisioned(nil, nil), .postgres:
            throw LakebaseError(
                .targetNotFound, "neither an endpoint nor a host is configured", problem: .targetUnnamed,
                remedy: LakebaseProblem.targetUnnamed.remedy)
        }
    }

    /// Whether a token may go to `host` without asking: the names of the service are verified by TLS.
    private func isTrusted(_ host: String) -> Bool {
        self.configuration.allowsOtherHosts || LakebaseHost.isServiceName(host)
    }

    private func require(_ host: String, among known: [String?], of target: String) throws {
        let known = known.compactMap { $0 }
        guard !known.contains(host) else { return }
        throw LakebaseError(
            .targetNotFound,
            "the host \(host) is not one of \(target), which is at \(known.isEmpty ? "no host yet" : known.joined(separator: ", ")); "
                + "the credential was not sent",
            problem: .hostNotOfTarget,
            remedy:
                "leave PGHOST unset to have the host looked up, or set LAKEBASE_PG_HOST to use this one all the same")
    }

    private func host(ofEndpoint endpoint: String) async throws -> String {
        let found = try await self.workspace.postgres.getEndpoint(endpoint)
        guard let host = found.status?.hosts?.host, !host.isEmpty else {
            throw LakebaseError(
                .targetNotFound, "the endpoint \(endpoint) has no host yet", problem: .hostNotAssigned,
                remedy: "try again once it is ready")
        }
        return host
    }

    private func host(ofInstance instance: String) async throws -> String {
        let found = try await self.workspace.database.getDatabaseInstance(instance)
        guard let host = found.readWriteDNS, !host.isEmpty else {
            throw LakebaseError(
                .targetNotFound, "the instance \(instance) has no read-write host yet", problem: .hostNotAssigned,
                remedy: "try again once it is available")
        }
        return host
    }

    /// Looks through all projects; the service has no call that finds an endpoint by its host.
    private func endpoint(ofHost host: String) async throws -> String {
        for try await project in self.workspace.postgres.listProjects() {
            guard let projectName = project.name else { continue }
            for try await branch in self.workspace.postgres.listBranches(parent: projectName) {
                guard let branchName = branch.name else { continue }
                for try await endpoint in self.workspace.postgres.listEndpoints(parent: branchName) {
                    guard let hosts = endpoint.status?.hosts, let name = endpoint.name else { continue }
                    if [hosts.host, hosts.readOnlyHost].contains(where: { $0?.isExactly(host) ?? false }) {
                        return name
                    }
                }
            }
        }
        throw LakebaseError(
            .targetNotFound, "no endpoint of this workspace has the host \(host)", problem: .hostUnknown,
            remedy: "set LAKEBASE_ENDPOINT, or check that DATABRICKS_HOST is the workspace of that host")
    }

    private func instance(ofHost host: String) async throws -> String {
        for try await instance in self.workspace.database.listDatabaseInstances()
        where [instance.readWriteDNS, instance.readOnlyDNS].contains(where: { $0?.isExactly(host) ?? false }) {
            return instance.name
        }
        throw LakebaseError(
            .targetNotFound, "no database instance of this workspace has the host \(host)", problem: .hostUnknown,
            remedy: "set LAKEBASE_INSTANCE, or check that DATABRICKS_HOST is the workspace of that host")
    }
}
