//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks

/// The Database instance API.
extension ResourceView {
    package func instance(_ record: ProjectRecord) -> Database.Instance {
        let root = self.inventory.root(of: record.id)
        let endpoint = root.flatMap { self.inventory.writer(of: $0.name) }
        let isStopped = endpoint?.disabled ?? false
        let isUpdating = self.inventory.isChanging(record.name)
        let state: Database.InstanceState =
            root?.state == .creating ? .starting : isUpdating ? .updating : isStopped ? .stopped : .available
        let children = self.inventory.children(of: record.id)
        let parent = record.instance.parent.map { parent in
            Database.InstanceRef(
                name: parent, uid: self.inventory.projects[parent]?.uid, effectiveLSN: record.instance.parentLSN
            )
        }
        let tags = record.tags.map { Database.CustomTag(key: $0.key, value: $0.value) }
        return Database.Instance(
            name: record.id, uid: record.uid, capacity: record.instance.capacity, creationTime: record.createTime,
            creator: record.owner, state: state,
            pgVersion: "PG_VERSION_\(record.requestedVersion ?? Int64(record.postgresMajor))",
            readWriteDNS: endpoint.flatMap { $0.address.isEmpty ? nil : $0.address },
            parentInstanceRef: parent,
            childInstanceRefs: children.isEmpty
                ? nil : children.map { Database.InstanceRef(name: $0.id, uid: $0.uid) },
            customTags: tags.isEmpty ? nil : tags, usagePolicyID: record.instance.usagePolicy,
            effectiveCapacity: record.instance.capacity, effectiveStopped: isStopped,
            effectiveNodeCount: record.instance.nodeCount,
            effectiveEnableReadableSecondaries: record.instance.readableSecondaries,
            effectiveEnablePgNativeLogin: record.nativeLogin,
            effectiveRetentionWindowInDays: record.retentionSeconds / 86_400,
            effectiveCustomTags: tags.isEmpty ? nil : tags, effectiveUsagePolicyID: record.instance.usagePolicy
        )
    }

    package func instanceRole(_ record: RoleRecord, instance: String) -> Database.InstanceRole {
        let attributes = Database.RoleAttributes(
            createDatabase: record.createsDatabases, createRole: record.createsRoles,
            bypassRowSecurity: record.bypassesRowSecurity
        )
        return Database.InstanceRole(
            name: record.postgresRole,
            identityType: record.identity.map { Database.RoleIdentityType(rawValue: $0.rawValue) } ?? .postgresOnly,
            membershipRole: record.isSuperuser ? .databricksSuperuser : nil, attributes: attributes,
            effectiveAttributes: attributes, instanceName: instance
        )
    }
}
