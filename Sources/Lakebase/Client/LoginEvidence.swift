//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
package import Databricks
import ExactText

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Asks the workspace about a target and a role, after a login was refused or connecting failed.
///
/// The calls read resources. They mint nothing, connect to no database and so wake no compute.
package struct LoginEvidence: Sendable {
    /// The answers that arrived in time.
    package struct Answers: Sendable, Equatable {
        package var hosts = LoginDiagnosis.Hosts.unknown("the workspace did not answer in time")
        package var role = LoginDiagnosis.Role.unknown("the workspace did not answer in time")
        package var isDisabled: Bool?
    }

    let workspace: WorkspaceClient
    let scope: TargetResolver.CredentialScope
    let username: String
    /// The longest time for which an error is delayed to gather evidence.
    var limit: Duration

    package init(
        workspace: WorkspaceClient, scope: TargetResolver.CredentialScope, username: String,
        limit: Duration = .seconds(2)
    ) {
        self.workspace = workspace
        self.scope = scope
        self.username = username
        self.limit = limit
    }

    /// Sends all requests at once, and returns the answers that arrive within the limit.
    package func gather(now: Date) async -> Answers {
        await withTaskGroup(of: Finding.self) { group in
            group.addTask { await self.place() }
            group.addTask { .role(await self.role(now: now)) }
            group.addTask {
                try? await Task.sleep(for: self.limit)
                return .timeOver
            }
            defer { group.cancelAll() }
            var answers = Answers()
            for _ in 0..<2 {
                switch await group.next() {
                case .place(let hosts, let isDisabled):
                    answers.hosts = hosts
                    answers.isDisabled = isDisabled
                case .role(let role): answers.role = role
                case .timeOver, nil: return answers
                }
            }
            return answers
        }
    }

    private enum Finding: Sendable {
        case place(LoginDiagnosis.Hosts, isDisabled: Bool?)
        case role(LoginDiagnosis.Role)
        case timeOver
    }

    private func place() async -> Finding {
        do throws(DatabricksError) {
            switch self.scope {
            case .endpoint(let name):
                let endpoint = try await self.workspace.postgres.getEndpoint(name)
                let hosts = endpoint.status?.hosts
                return .place(
                    Self.hosts([
                        hosts?.host, hosts?.readOnlyHost, hosts?.readWritePooledHost, hosts?.readOnlyPooledHost,
                    ]), isDisabled: endpoint.status?.disabled)
            case .instance(let name):
                let instance = try await self.workspace.database.getDatabaseInstance(name)
                return .place(
                    Self.hosts([instance.readWriteDNS, instance.readOnlyDNS]), isDisabled: instance.effectiveStopped)
            }
        } catch {
            return .place(.unknown(Self.reason(error)), isDisabled: nil)
        }
    }

    private func role(now: Date) async -> LoginDiagnosis.Role {
        do throws(DatabricksError) {
            switch self.scope {
            case .endpoint(let name):
                guard let branch = Self.branch(ofEndpoint: name) else { return .unknown("\(name) names no branch") }
                let roles = try await self.workspace.postgres.listRoles(parent: branch).all()
                let role = roles.first {
                    ($0.status?.postgresRole ?? $0.spec?.postgresRole)?.isExactly(self.username) ?? false
                }
                guard let role else { return .missing }
                return .found(
                    Self.login(role.status?.authMethod), isGroup: role.status?.identityType == .group,
                    age: role.createTime.map { now.timeIntervalSince($0) })
            case .instance(let name):
                let role = try await self.workspace.database.getDatabaseInstanceRole(
                    instance: name, name: self.username)
                return .found(
                    role.identityType == .postgresOnly ? .password : .untold, isGroup: role.identityType == .group,
                    age: nil)
            }
        } catch {
            if error.code == .notFound, case .instance = self.scope { return .missing }
            return .unknown(Self.reason(error))
        }
    }

    private static func hosts(_ hosts: [String?]) -> LoginDiagnosis.Hosts {
        let hosts = hosts.compactMap { $0 }.filter { !$0.isEmpty }
        return hosts.isEmpty ? .unknown("the workspace reports none") : .known(hosts)
    }

    private static func login(_ method: Postgres.RoleAuthMethod?) -> LoginDiagnosis.Login {
        switch method {
        case .oauth: .credential
        case .password: .password
        case .noLogin: .none
        // The list is open.
        default: .untold
        }
    }

    /// `projects/p/branches/b/endpoints/e` without its last two parts.
    static func branch(ofEndpoint name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 6 ? parts.prefix(4).joined(separator: "/") : nil
    }

    private static func reason(_ error: DatabricksError) -> String {
        error.code == .cancelled ? "the workspace did not answer in time" : "\(error.message)"
    }
}
