//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// The project in the words of the Postgres API: always `status`, never `spec`.
extension LocalProject {
    var project: Postgres.Project {
        Postgres.Project(
            name: Self.projectName, projectID: Self.projectID, uid: self.uid, createTime: self.createdAt,
            updateTime: self.createdAt,
            status: Postgres.ProjectStatus(
                projectID: Self.projectID,
                displayName: Self.projectID,
                pgVersion: Int64(self.postgresMajor),
                historyRetentionDuration: .seconds(604_800),
                defaultEndpointSettings: Postgres.DefaultEndpointSettings(
                    autoscalingLimitMinCU: 1, autoscalingLimitMaxCU: 1,
                    suspendTimeoutDuration: ProtobufDuration(self.suspendAfter)
                ),
                defaultBranch: Self.branchName,
                enablePgNativeLogin: false,
                owner: self.owner,
                branchLogicalSizeLimitBytes: 8_796_093_022_208
            )
        )
    }

    var branch: Postgres.Branch {
        Postgres.Branch(
            name: Self.branchName, branchID: Self.branchID, parent: Self.projectName, uid: self.branchUID,
            createTime: self.createdAt, updateTime: self.createdAt,
            status: Postgres.BranchStatus(
                branchID: Self.branchID, currentState: .ready, stateChangeTime: self.createdAt, isDefault: true,
                isProtected: false
            )
        )
    }

    func endpoint(phase: ComputeLifecycle.Phase) -> Postgres.Endpoint {
        let state: (current: Postgres.EndpointState, pending: Postgres.EndpointState?) =
            switch phase {
            case .idle, .stopped: (.idle, nil)
            case .starting: (.idle, .active)
            case .active: (.active, nil)
            case .suspending: (.active, .idle)
            }
        return Postgres.Endpoint(
            name: Self.endpointName, endpointID: Self.endpointID, parent: Self.branchName, uid: self.endpointUID,
            createTime: self.createdAt, updateTime: self.createdAt,
            status: Postgres.EndpointStatus(
                endpointID: Self.endpointID, endpointType: .readWrite, currentState: state.current,
                pendingState: state.pending,
                // An address, not a name: clients resolve what they find here and connect to port 5432.
                hosts: Postgres.EndpointHosts(host: self.address.address),
                autoscalingLimitMinCU: 1, autoscalingLimitMaxCU: 1,
                suspendTimeoutDuration: ProtobufDuration(self.suspendAfter), disabled: false
            )
        )
    }

    var database: Postgres.Database {
        Postgres.Database(
            name: "\(Self.branchName)/databases/\(Self.databaseID)", databaseID: Self.databaseID,
            parent: Self.branchName, createTime: self.createdAt, updateTime: self.createdAt,
            status: Postgres.DatabaseStatus(
                databaseID: Self.databaseID, postgresDatabase: BranchCluster.database,
                role: "\(Self.branchName)/roles/developer"
            )
        )
    }

    func role(_ role: LocalRole) -> Postgres.Role {
        Postgres.Role(
            name: "\(Self.branchName)/roles/\(role.roleID)", roleID: role.roleID, parent: Self.branchName,
            createTime: self.createdAt, updateTime: self.createdAt,
            status: Postgres.RoleStatus(
                roleID: role.roleID, postgresRole: role.postgresRole,
                identityType: Postgres.RoleIdentityType(rawValue: role.identity.description), authMethod: .oauth,
                membershipRoles: role.isOwner ? [.databricksSuperuser] : nil,
                attributes: Postgres.RoleAttributes(
                    createDatabase: role.isOwner, createRole: role.isOwner, bypassRowSecurity: role.isOwner
                )
            )
        )
    }
}

/// The project in the words of the Database instance API.
extension LocalProject {
    var instance: Database.Instance {
        Database.Instance(
            name: Self.instanceName, uid: self.uid, capacity: "CU_1", creationTime: self.createdAt,
            creator: self.owner, state: .available, pgVersion: "PG_VERSION_\(self.postgresMajor)",
            readWriteDNS: self.address.address, effectiveCapacity: "CU_1", effectiveStopped: false,
            effectiveNodeCount: 1, effectiveEnableReadableSecondaries: false, effectiveEnablePgNativeLogin: false,
            effectiveRetentionWindowInDays: 7
        )
    }

    func instanceRole(_ role: LocalRole) -> Database.InstanceRole {
        let attributes = Database.RoleAttributes(
            createDatabase: role.isOwner, createRole: role.isOwner, bypassRowSecurity: role.isOwner
        )
        return Database.InstanceRole(
            name: role.postgresRole, identityType: Database.RoleIdentityType(rawValue: role.identity.description),
            membershipRole: role.isOwner ? .databricksSuperuser : nil, attributes: attributes,
            effectiveAttributes: attributes, instanceName: Self.instanceName
        )
    }
}
