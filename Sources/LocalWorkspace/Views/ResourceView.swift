//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks
package import Foundation
package import LocalGround

/// The resources in the formats of the APIs.
package struct ResourceView: Sendable {
    package var inventory: WorkspaceState
    /// The suspend delay of endpoints that do not have their own.
    package var suspendAfter: Duration
    /// Bytes on disk, by the uid of a branch.
    package var sizes: [String: Int64] = [:]

    package init(inventory: WorkspaceState, suspendAfter: Duration, sizes: [String: Int64] = [:]) {
        self.inventory = inventory
        self.suspendAfter = suspendAfter
        self.sizes = sizes
    }
}

/// The Postgres API: always `status`, never `spec`.
extension ResourceView {
    package func project(_ record: ProjectRecord) -> Postgres.Project {
        let size = self.inventory.branches(of: record.id).compactMap { self.sizes[$0.uid] }.reduce(0, +)
        return Postgres.Project(
            name: record.name, projectID: record.id, uid: record.uid, createTime: record.createTime,
            updateTime: record.updateTime, deleteTime: record.deleteTime, purgeTime: record.purgeTime,
            status: Postgres.ProjectStatus(
                projectID: record.id,
                displayName: record.displayName,
                pgVersion: record.requestedVersion ?? Int64(record.postgresMajor),
                historyRetentionDuration: .seconds(record.retentionSeconds),
                defaultEndpointSettings: Postgres.DefaultEndpointSettings(
                    autoscalingLimitMinCU: record.defaults.minimumUnits,
                    autoscalingLimitMaxCU: record.defaults.maximumUnits,
                    suspendTimeoutDuration: self.suspension(record.defaults),
                    noSuspension: record.defaults.neverSuspends ? true : nil,
                    pgSettings: record.defaults.parameters.isEmpty ? nil : record.defaults.parameters
                ),
                defaultBranch: ResourceName.branch(record.id, record.defaultBranch),
                enablePgNativeLogin: record.nativeLogin,
                budgetPolicyID: record.budgetPolicy,
                customTags: record.tags.isEmpty
                    ? nil : record.tags.map { Postgres.CustomTag(key: $0.key, value: $0.value) },
                owner: record.owner,
                branchLogicalSizeLimitBytes: 8_796_093_022_208,
                syntheticStorageSizeBytes: size == 0 ? nil : size
            )
        )
    }

    package func branch(_ record: BranchRecord) -> Postgres.Branch {
        let isDefault = self.inventory.projects[record.project]?.defaultBranch == record.id
        let isReady = record.state == .ready
        return Postgres.Branch(
            name: record.name, branchID: record.id, parent: "projects/\(record.project)", uid: record.uid,
            createTime: record.createTime, updateTime: record.updateTime,
            status: Postgres.BranchStatus(
                branchID: record.id,
                currentState: record.isDeleted ? .deleted : isReady ? .ready : .initializing,
                pendingState: isReady ? nil : .ready,
                stateChangeTime: record.stateTime, isDefault: isDefault, isProtected: record.isProtected,
                expireTime: record.expireTime, deleteTime: record.deleteTime, purgeTime: record.purgeTime,
                logicalSizeBytes: self.sizes[record.uid], sourceBranch: record.source,
                sourceBranchLSN: record.sourceLSN, sourceBranchTime: record.source == nil ? nil : record.sourceTime
            )
        )
    }

    package func endpoint(_ record: EndpointRecord, phase: ComputePhase, lastActive: Date?) -> Postgres.Endpoint {
        let isNew = self.inventory.branches[record.branch]?.state == .creating
        let state: (current: Postgres.EndpointState, pending: Postgres.EndpointState?) =
            switch phase {
            case .idle, .stopped: isNew ? (.initializing, .active) : (.idle, nil)
            case .starting: (.idle, .active)
            case .active: (.active, nil)
            case .suspending: (.active, .idle)
            }
        return Postgres.Endpoint(
            name: record.name, endpointID: record.id, parent: record.branch, uid: record.uid,
            createTime: record.createTime, updateTime: record.updateTime,
            status: Postgres.EndpointStatus(
                endpointID: record.id, endpointType: record.isReadOnly ? .readOnly : .readWrite,
                currentState: state.current,
                pendingState: state.pending,
                // An address, not a name: clients resolve what they find here and connect to port 5432.
                hosts: record.address.isEmpty ? nil : Self.hosts(record),
                autoscalingLimitMinCU: record.settings.minimumUnits,
                autoscalingLimitMaxCU: record.settings.maximumUnits,
                suspendTimeoutDuration: self.suspension(record.settings),
                noSuspension: record.settings.neverSuspends ? true : nil,
                disabled: record.disabled,
                group: Postgres.EndpointGroup(min: 1, max: 1, enableReadableSecondaries: record.isReadOnly),
                // There always, if only as an empty object.
                settings: Postgres.EndpointSettings(
                    pgSettings: record.settings.parameters.isEmpty ? nil : record.settings.parameters),
                lastActiveTime: lastActive
            )
        )
    }

    /// The host names of an endpoint; there is no pooler here, so its pooled name is its own.
    private static func hosts(_ record: EndpointRecord) -> Postgres.EndpointHosts {
        record.isReadOnly
            ? Postgres.EndpointHosts(
                host: record.address, readOnlyHost: record.address, readOnlyPooledHost: record.address)
            : Postgres.EndpointHosts(host: record.address, readWritePooledHost: record.address)
    }

    /// The idle time after which it is suspended; `nil` for never.
    package func suspendDelay(_ settings: ComputeSettings) -> Duration? {
        settings.neverSuspends ? nil : settings.suspendSeconds.map { .seconds($0) } ?? self.suspendAfter
    }

    private func suspension(_ settings: ComputeSettings) -> ProtobufDuration? {
        self.suspendDelay(settings).map { ProtobufDuration($0) }
    }

    package func role(_ record: RoleRecord) -> Postgres.Role {
        Postgres.Role(
            name: record.name, roleID: record.id, parent: record.branch, createTime: record.createTime,
            updateTime: record.updateTime,
            status: Postgres.RoleStatus(
                roleID: record.id, postgresRole: record.postgresRole,
                identityType: record.identity.map { Postgres.RoleIdentityType(rawValue: $0.rawValue) } ?? .unspecified,
                authMethod: Postgres.RoleAuthMethod(rawValue: record.login.rawValue),
                membershipRoles: record.isSuperuser ? [.databricksSuperuser] : nil,
                attributes: Postgres.RoleAttributes(
                    createDatabase: record.createsDatabases, createRole: record.createsRoles,
                    bypassRowSecurity: record.bypassesRowSecurity
                )
            )
        )
    }

    package func database(_ record: DatabaseRecord) -> Postgres.Database {
        Postgres.Database(
            name: record.name, databaseID: record.id, parent: record.branch, createTime: record.createTime,
            updateTime: record.updateTime,
            status: Postgres.DatabaseStatus(
                databaseID: record.id, postgresDatabase: record.postgresDatabase, role: record.role
            )
        )
    }
}
