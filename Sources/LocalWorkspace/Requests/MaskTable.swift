//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The fields of a resource that update masks can name: one table for each kind of resource.
///
/// The service has been asked (databricks/cli#6440, #6441, #6443, #6374, #6767 and the recorded requests of its bundles
/// and of Terraform); fields that were not tried follow the same rules.
struct MaskTable: Sendable {
    /// A field as masks see it.
    indirect enum Field: Sendable {
        /// A number, a text, a duration or a time.
        case value
        /// A value without which the enclosing message cannot be replaced.
        case required
        /// A map, which is named as a whole: its keys have no paths.
        case map
        /// A list. Clients leave empty lists out, so naming a list without a value clears it.
        case list
        /// Fields that exclude each other. Masks use the name of the group, bodies those of its members.
        case oneof([String])
        /// A message, whose fields have paths of their own.
        case message([(name: String, field: Field)])
        /// A field that is used at creation only. Clients name it in updates too, without effect.
        case ignored
        /// A field that cannot change. A body may repeat it, without effect; a mask may not name it.
        case fixed
    }

    /// A field that can change, with its path.
    struct Leaf: Sendable {
        /// Its path in masks.
        var path: String
        /// Its names in bodies: several for fields that exclude each other.
        var members: [String]
        /// Whether naming it without a value clears it.
        var isClearable: Bool
    }

    let fields: [(name: String, field: Field)]

    /// The field at a path; `nil` for an unknown path.
    func find(_ path: String) -> Field? {
        var field = Field.message(self.fields)
        for part in path.splitExactly(at: ".", omittingEmptySubsequences: false) {
            // Below a value, a map or a list there is nothing, and members of a group have no path.
            guard case .message(let members) = field,
                let member = members.first(where: { $0.name.isExactly(part) })
            else { return nil }
            field = member.field
        }
        return field
    }

    /// All fields that can change.
    var leaves: [Leaf] { self.fields.flatMap { name, field in Self.leaves(of: field, at: name) } }

    /// The fields that can change at a path and below it.
    static func leaves(of field: Field, at path: String) -> [Leaf] {
        switch field {
        case .value, .required, .map: return [Leaf(path: path, members: [path], isClearable: false)]
        case .list: return [Leaf(path: path, members: [path], isClearable: true)]
        case .oneof(let names):
            let parent = path.splitExactly(at: ".").dropLast().map { $0 + "." }.joined()
            return [Leaf(path: path, members: names.map { parent + $0 }, isClearable: false)]
        case .message(let fields):
            return fields.flatMap { name, field in Self.leaves(of: field, at: "\(path).\(name)") }
        case .ignored, .fixed: return []
        }
    }

    /// The direct fields of a message that are required where the message is named as a whole.
    static func needed(of field: Field, at path: String) -> [Leaf] {
        guard case .message(let fields) = field else { return [] }
        return fields.flatMap { member -> [Leaf] in
            switch member.field {
            case .required, .oneof: Self.leaves(of: member.field, at: "\(path).\(member.name)")
            case .value, .map, .list, .message, .ignored, .fixed: []
            }
        }
    }
}

/// The tables.
extension MaskTable {
    /// The fields of a compute's suspension.
    private static let suspension = Field.oneof(["suspend_timeout_duration", "no_suspension"])

    static let project = MaskTable(fields: [
        // Terraform names these in every change.
        ("initial_branch_spec", .ignored), ("initial_endpoint_spec", .ignored),
        (
            "spec",
            .message([
                ("display_name", .value), ("history_retention_duration", .value),
                (
                    "default_endpoint_settings",
                    .message([
                        ("autoscaling_limit_min_cu", .value), ("autoscaling_limit_max_cu", .value),
                        ("suspension", Self.suspension), ("pg_settings", .map),
                    ])
                ),
                ("default_branch", .value), ("enable_pg_native_login", .value), ("budget_policy_id", .value),
                ("custom_tags", .list), ("pg_version", .fixed),
            ])
        ),
    ])

    static let branch = MaskTable(fields: [
        (
            "spec",
            .message([
                ("is_protected", .value), ("expiration", .oneof(["ttl", "expire_time", "no_expiry"])),
                ("source_branch", .fixed), ("source_branch_lsn", .fixed), ("source_branch_time", .fixed),
                ("source_snapshot", .fixed),
            ])
        )
    ])

    static let endpoint = MaskTable(fields: [
        (
            "spec",
            .message([
                ("autoscaling_limit_min_cu", .value), ("autoscaling_limit_max_cu", .value),
                ("suspension", Self.suspension), ("disabled", .value),
                ("settings", .message([("pg_settings", .map)])),
                (
                    "group",
                    .message([("min", .value), ("max", .required), ("enable_readable_secondaries", .value)])
                ),
                ("endpoint_type", .fixed),
            ])
        )
    ])

    static let role = MaskTable(fields: [
        (
            "spec",
            .message([
                (
                    "attributes",
                    .message([("createdb", .value), ("createrole", .value), ("bypassrls", .value)])
                ),
                ("membership_roles", .list), ("identity_type", .fixed), ("auth_method", .fixed),
                ("postgres_role", .fixed),
            ])
        )
    ])

    static let database = MaskTable(fields: [
        ("spec", .message([("postgres_database", .value), ("role", .value)]))
    ])

    /// Instances of the Database API, which have no `spec`.
    static let instance = MaskTable(fields: [
        ("capacity", .value), ("stopped", .value), ("node_count", .value), ("enable_readable_secondaries", .value),
        ("enable_pg_native_login", .value), ("retention_window_in_days", .value), ("usage_policy_id", .value),
        ("custom_tags", .list), ("name", .ignored),
    ])
}
