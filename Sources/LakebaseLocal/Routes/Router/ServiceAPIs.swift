//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The APIs that the service has and the local workspace does not.
///
/// A request to one of them is answered 501 and not 404, so that the caller does not take its path for a wrong one.
enum ServiceAPIs {
    /// The names after the version in the paths of databricks-sdk 0.156.0 for Python, without the APIs that the workspace serves.
    private static let names: Set<String> = [
        "access-control", "accounts", "agents", "ai-functions", "ai-search", "alerts", "app-spaces", "apps-settings",
        "automl", "bundle", "clean-rooms", "clusters", "commands", "contexts", "credentials-manager", "custom-llms",
        "data-sharing", "dbfs", "domains", "entity-tag-assignments", "external-function", "feature-engineering",
        "feature-store", "fs", "genie", "git-credentials", "global-init-scripts", "identity", "instance-pools",
        "instance-profiles", "ip-access-lists", "jobs", "knowledge-assistants", "lakeview", "libraries",
        "lineage-tracking", "marketplace-consumer", "marketplace-exchange", "marketplace-provider", "mlflow",
        "notification-destinations", "online-tables", "permissionmigration", "permissions", "pipelines", "policies",
        "policy-families", "preview", "quality-monitoring", "quality-monitors", "redash-v2", "repos", "rfa",
        "sandbox-exec", "sandbox-files", "sandboxes", "secrets", "serving-endpoints", "settings", "settings-metadata",
        "sql", "supervisor-agents", "tag-policies", "token", "token-management", "unity-catalog", "vector-search",
        "workspace-conf",
    ]

    /// Whether a path belongs to one of the APIs.
    static func has(_ path: String) -> Bool {
        let parts = path.splitExactly(at: "/")
        guard path.utf8.allSatisfy({ $0 < 0x80 }), let first = parts.first else { return false }
        // The paths of calls to models have no version.
        if first.isExactly("serving-endpoints") { return parts.count > 1 }
        guard parts.count > 2, first.isExactly("api"), Self.isVersion(parts[1]) else { return false }
        return Self.names.contains(String(parts[2]))
    }

    private static func isVersion(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 3 && bytes[1] == UInt8(ascii: ".")
            && [bytes[0], bytes[2]].allSatisfy { (48...57).contains($0) }
    }
}
