//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import LakebaseSchema
import StrictYAML

extension DeploymentShape {
    static let generations = [
        YAMLVariant(
            "autoscaling",
            YAMLObject(
                "lakebase (autoscaling)",
                [
                    YAMLKey(
                        "project", .text(Self.projectID), isRequired: true,
                        "The id of the project, which is created if it does not exist."),
                    YAMLKey(
                        "branch", .text(Self.branchID),
                        "The id of the branch. Default: \(DeploymentLakebase.Autoscaling.defaultBranch)."),
                    YAMLKey(
                        "branch_from", .object(Self.origin),
                        "The origin of a branch that does not exist yet. Default: a branch other than "
                            + "\(DeploymentLakebase.Autoscaling.defaultBranch) is created from the project's default branch and never expires."
                    ),
                    YAMLKey(
                        "capacity", Self.autoscalingCapacity,
                        "The compute units of the read-write endpoint: a range such as 0.5..4, a mapping with min and max, or one "
                            + "size (2, or CU_2). From 0.5 to 64, at most 16 apart. Default: the existing size stays."),
                ] + Self.common)),
        YAMLVariant(
            "provisioned",
            YAMLObject(
                "lakebase (provisioned)",
                [
                    YAMLKey(
                        "instance", .text(Self.instanceName), isRequired: true,
                        "The name of the instance, which is created if it does not exist."),
                    YAMLKey(
                        "capacity", .choice(InstanceCapacity.allCases.map(\.rawValue)),
                        "The size of the instance. Default: the existing size stays, and a new instance gets CU_1."),
                ] + Self.common)),
    ]

    private static let common = [
        YAMLKey(
            "database", .text(Self.databaseName),
            "The name of the database in PostgreSQL. Default: \(DeploymentLakebase.defaultDatabase)."),
        YAMLKey(
            "schema", .text(Self.schemaName),
            "The schema of the app, which is created if it does not exist. Default: \(DeploymentLakebase.defaultSchema)."
        ),
        YAMLKey(
            "resource", .text(AppManifest.resourceKey),
            "The key of the app's resource for the database. Default: postgres (autoscaling) or database (provisioned)."
        ),
        YAMLKey(
            "app_access", .either([.choice(Self.presets), .object(Self.privileges)]),
            "The privileges of the app's service principal: a preset, or privileges by kind of object. Default: app. An app "
                + "that creates its own tables needs migrator."),
        YAMLKey("permissions", .list(.object(Self.permission)), "The privileges of other identities in the schema."),
    ]

    static let origin = YAMLObject(
        "branch_from",
        [
            YAMLKey("branch", .text(Self.branchID), isRequired: true, "The id of a branch of the same project."),
            YAMLKey(
                "ttl", .text(Self.duration),
                "How long the new branch exists, at most 30d. Default: it never expires."),
        ])

    private static let range = YAMLObject(
        "a capacity",
        [
            YAMLKey("min", .number(ComputeRange.units), isRequired: true, "The minimum number of units."),
            YAMLKey("max", .number(ComputeRange.units), isRequired: true, "The maximum number of units."),
        ])

    private static let autoscalingCapacity = YAMLShape.either([
        .object(Self.range), .number(ComputeRange.units),
        .text(
            YAMLTextRule(
                "a capacity", pattern: "CU_(1|2|4|8)|[0-9]+(\\.[0-9]+)?\\.\\.[0-9]+(\\.[0-9]+)?",
                words: "a range such as 0.5..4, or CU_1, CU_2, CU_4 or CU_8", length: 1...20)),
    ])

    static let permission = YAMLObject(
        "a permission",
        [
            YAMLKey(
                "user",
                .text(
                    YAMLTextRule(
                        "a user", pattern: "[^@\\s]+@[^@\\s]+", words: "the e-mail address of the user", length: 3...63)
                ),
                "The e-mail address of a user."),
            YAMLKey(
                "service_principal",
                .text(
                    YAMLTextRule(
                        "a service principal",
                        pattern: "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
                        words: "its application id, a UUID, and not its name or number", length: 36...36)),
                "The application id of a service principal."),
            YAMLKey("group", .text(Self.roleName), "The name of a group of the workspace."),
            YAMLKey(
                "access", .either([.choice(Self.presets), .object(Self.privileges)]), isRequired: true,
                "The privileges: a preset, or privileges by kind of object."),
        ], exactlyOne: ["user", "service_principal", "group"])

    static let presets = GrantSet.Preset.allCases.map(\.rawValue)

    static let privileges = YAMLObject(
        "privileges",
        Privilege.Kind.allCases.map { kind in
            let words = kind.all.sorted().map { $0.rawValue.lowercased() }
            return YAMLKey(
                kind.rawValue, .either([.choice(["all"]), .list(.choice(words))]),
                "On \(kind.inWords): all, or a list of \(words.joined(separator: ", ")).")
        })
}

extension Privilege.Kind {
    fileprivate var inWords: String {
        switch self {
        case .database: "the database"
        case .schema: "the schema"
        case .table: "every table, view, materialized view and foreign table of the schema"
        case .sequence: "every sequence of the schema"
        case .routine: "every function and procedure of the schema"
        }
    }
}
