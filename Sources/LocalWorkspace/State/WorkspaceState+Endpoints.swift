//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation

/// The rules for endpoints (reference: Endpoint).
extension WorkspaceState {
    /// Adds the endpoint that every branch has.
    mutating func addEndpoint(to branch: String, settings: ComputeSettings, _ context: inout Context) {
        let id = ResourceName.primaryEndpoint
        let endpoint = EndpointRecord(
            name: "\(branch)/endpoints/\(id)", branch: branch, id: id, uid: context.names.uid("ep"),
            createTime: context.now, updateTime: context.now, settings: settings, disabled: false, address: "", port: 0
        )
        self.endpoints[endpoint.name] = endpoint
    }

    mutating func createEndpoint(
        _ branchName: String, _ id: String?, _ body: Postgres.Endpoint, replace: Bool, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let branch = try self.liveBranch(branchName)
        let id = try ResourceName.requireID(id, field: "endpoint_id")
        guard let spec = body.spec, let type = spec.endpointType else { throw .missing("endpoint.spec.endpoint_type") }
        let name = "\(branch.name)/endpoints/\(id)"
        if let existing = self.endpoints[name] {
            guard replace else { throw APIFailure(409, "ALREADY_EXISTS", "endpoint with such id already exists") }
            guard type == (existing.isReadOnly ? .readOnly : .readWrite) else {
                throw .invalid("Field 'endpoint.spec.endpoint_type' of an endpoint that exists cannot be changed.")
            }
            var changed = existing
            changed.settings = try self.project(branch.project).defaults
            try Self.apply(spec, to: &changed)
            return try self.change(changed, &context)
        }
        switch type {
        case .readWrite:
            throw APIFailure(
                400, "BAD_REQUEST",
                "read_write endpoint already exists: a branch has one, and '\(branch.id)' has "
                    + "'\(self.writer(of: branch.name)?.id ?? "")'"
            )
        case .readOnly:
            var endpoint = EndpointRecord(
                name: name, branch: branch.name, id: id, uid: context.names.uid("ep"), createTime: context.now,
                updateTime: context.now, settings: try self.project(branch.project).defaults, disabled: false,
                isReadOnly: true, address: "", port: 0
            )
            try Self.apply(spec, to: &endpoint)
            let operation = try self.begin(
                .openEndpoint(name), kind: "Endpoint", target: name, shared: [branch.name], exclusive: [name], &context
            )
            self.endpoints[name] = endpoint
            return operation
        default:
            throw .invalid("Field 'endpoint.spec.endpoint_type' has the unknown value '\(type)'.")
        }
    }

    private static func apply(_ spec: Postgres.EndpointSpec, to endpoint: inout EndpointRecord) throws(APIFailure) {
        try endpoint.settings.apply(minimum: spec.autoscalingLimitMinCU, maximum: spec.autoscalingLimitMaxCU)
        try endpoint.settings.applySuspension(spec.suspendTimeoutDuration, spec.noSuspension)
        if let parameters = spec.settings?.pgSettings { try endpoint.settings.apply(parameters: parameters) }
        try Self.requireSingleCompute(spec.group)
        endpoint.disabled = spec.disabled ?? false
    }

    mutating func updateEndpoint(
        _ name: String, _ body: Postgres.Endpoint, _ mask: RequestedFields, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var endpoint = try self.endpoint(name)
        let selected = try mask.select(from: .endpoint)
        let spec = body.spec ?? Postgres.EndpointSpec()
        let chosen = Set(selected.map { String($0.dropFirst("spec.".count)) })
        try endpoint.settings.apply(
            chosen, minimum: spec.autoscalingLimitMinCU, maximum: spec.autoscalingLimitMaxCU,
            suspend: spec.suspendTimeoutDuration, never: spec.noSuspension, parameters: spec.settings?.pgSettings
        )
        if chosen.contains("disabled"), let disabled = spec.disabled { endpoint.disabled = disabled }
        if chosen.contains(where: { $0.startsExactly(with: "group.") }) { try Self.requireSingleCompute(spec.group) }
        return try self.change(endpoint, &context)
    }

    private mutating func change(
        _ changed: EndpointRecord, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var endpoint = changed
        endpoint.updateTime = context.now
        let operation = try self.begin(
            .settleEndpoint(endpoint.name), kind: "Endpoint", target: endpoint.name, shared: [endpoint.branch],
            exclusive: [endpoint.name], &context
        )
        self.endpoints[endpoint.name] = endpoint
        return operation
    }

    /// Deletes a read-only endpoint; the read-write endpoint is deleted with its branch.
    mutating func deleteEndpoint(_ name: String, _ context: inout Context) throws(APIFailure) -> OperationRecord {
        let endpoint = try self.endpoint(name)
        if endpoint.isReadOnly {
            let operation = try self.begin(
                .purge([ComputeLocation(uid: endpoint.uid, folder: endpoint.uid)]), kind: "Endpoint", target: name,
                shared: [endpoint.branch], exclusive: [name], &context
            )
            self.endpoints[name] = nil
            return operation
        }
        throw APIFailure(
            400, "BAD_REQUEST",
            "Cannot delete read-write endpoint '\(endpoint.name)'. Read-write endpoints cannot be deleted.",
            details: [APIFailure.managedByParent]
        )
    }
}
