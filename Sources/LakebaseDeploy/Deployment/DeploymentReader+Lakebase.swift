//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
import LakebaseSchema
import StrictYAML

extension DeploymentReader {
    mutating func lakebase(_ value: YAMLValue) -> DeploymentLakebase? {
        let database = self.name(value["database"], DeploymentShape.databaseName)
        let schema = self.name(value["schema"], DeploymentShape.schemaName)
        if let schema, schema.startsExactly(with: "pg_") || schema == "information_schema",
            let place = value["schema"]?.place
        {
            self.checker.report("the schema '\(schema)' belongs to PostgreSQL; choose another one", at: place)
        }
        let permissions = self.permissions(value["permissions"]?.items ?? [])
        let access = value["app_access"].map { self.access($0) }
        guard let target = self.target(value) else { return nil }
        return DeploymentLakebase(
            target: target, database: database ?? DeploymentLakebase.defaultDatabase,
            schema: schema ?? DeploymentLakebase.defaultSchema, resource: value["resource"]?.text,
            appAccess: access ?? .preset(.app), permissions: permissions)
    }

    private mutating func target(_ value: YAMLValue) -> DeploymentLakebase.Target? {
        switch value["generation"]?.text {
        case "autoscaling":
            let branch = value["branch"]?.text ?? DeploymentLakebase.Autoscaling.defaultBranch
            let capacity = value["capacity"].flatMap { self.range($0) }
            let origin = value["branch_from"].flatMap { self.origin($0, of: branch) }
            guard let project = value["project"]?.text else { return nil }
            return .autoscaling(
                DeploymentLakebase.Autoscaling(project: project, branch: branch, capacity: capacity, origin: origin))
        case "provisioned":
            guard let instance = value["instance"]?.text else { return nil }
            return .provisioned(
                DeploymentLakebase.Provisioned(
                    instance: instance, capacity: value["capacity"]?.text.flatMap(InstanceCapacity.init)))
        default: return nil
        }
    }

    private mutating func range(_ value: YAMLValue) -> ComputeRange? {
        var bounds: (Double, Double)?
        if let minimum = value["min"]?.number, let maximum = value["max"]?.number {
            bounds = (minimum, maximum)
        } else if let number = value.number {
            bounds = (number, number)
        } else if let text = value.text {
            if let capacity = InstanceCapacity(rawValue: text) {
                bounds = (capacity.units, capacity.units)
            } else if let parts = text.wholeMatch(of: /([0-9.]+?)\.\.([0-9.]+)/), let minimum = Double(parts.1),
                let maximum = Double(parts.2)
            {
                bounds = (minimum, maximum)
            }
        }
        guard let bounds else { return nil }
        // A number outside has been noted by its own shape.
        let isNumbers = value.text == nil || value.number != nil
        if isNumbers, ![bounds.0, bounds.1].allSatisfy(ComputeRange.units.contains) { return nil }
        do {
            return try ComputeRange(bounds.0, bounds.1)
        } catch {
            self.checker.report("'capacity': \(error.message): \(error.remedy ?? "")", at: value.place)
            return nil
        }
    }

    private mutating func origin(_ value: YAMLValue, of branch: String) -> DeploymentLakebase.BranchOrigin? {
        guard let source = value["branch"]?.text else { return nil }
        if source == branch {
            self.checker.report("the branch '\(branch)' cannot be made from itself", at: value.place)
        } else if branch == DeploymentLakebase.Autoscaling.defaultBranch {
            self.checker.report(
                "the branch '\(branch)' is made with the project, from nothing; name another 'branch'", at: value.place)
        }
        var ttl: Duration?
        if let text = value["ttl"], let length = text.text.flatMap(DeploymentShape.duration(_:)) {
            ttl = length
            if length <= .zero || length > DeploymentLakebase.BranchOrigin.maximumTTL {
                self.checker.report("'ttl' has to be more than 0 and at most 30d", at: text.place)
            }
        }
        return DeploymentLakebase.BranchOrigin(branch: source, ttl: ttl)
    }

    private mutating func permissions(_ items: [YAMLValue]) -> [DeploymentPermission] {
        var seen: Set<DeploymentPermission.Principal> = []
        return items.compactMap { item in
            let principal: DeploymentPermission.Principal
            if let user = self.name(item["user"], DeploymentShape.roleName) {
                principal = .user(user)
            } else if let id = item["service_principal"]?.text {
                principal = .servicePrincipal(id.lowercased())
            } else if let group = self.name(item["group"], DeploymentShape.roleName) {
                principal = .group(group)
            } else {
                return nil
            }
            if !seen.insert(principal).inserted {
                self.checker.report(
                    "'\(principal.role)' has a permission already; put the two together", at: item.place)
            }
            return item["access"].map { DeploymentPermission(principal, self.access($0)) }
        }
    }

    private mutating func access(_ value: YAMLValue) -> DeploymentAccess {
        if let preset = value.text.flatMap(GrantSet.Preset.init) { return .preset(preset) }
        var privileges: [Privilege.Kind: Set<Privilege>] = [:]
        for entry in value.entries {
            guard let kind = Privilege.Kind(rawValue: entry.key) else { continue }
            let named = entry.value.items.compactMap { $0.text.flatMap { Privilege(rawValue: $0.uppercased()) } }
            privileges[kind] = entry.value.text == "all" ? kind.all : Set(named)
        }
        if case .mapping(let entries) = value.content, entries.allSatisfy({ $0.value.content == .list([]) }) {
            self.checker.report("no privilege is named; name one, or leave the permission out", at: value.place)
        }
        return .privileges(privileges)
    }
}
