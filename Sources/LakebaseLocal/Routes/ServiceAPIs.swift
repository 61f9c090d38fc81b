//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The APIs that the service has and this workspace has not.
///
/// Their requests are refused as not implemented, so that they are not mistaken for a wrong path.
enum ServiceAPIs {
    /// What stands after the version in the paths of databricks-sdk 0.156.0 for Python, without the APIs that are
    /// served here.
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

    /// Whether a path is in one of them.
    static func has(_ path: String) -> Bool {
        let parts = path.splitExactly(at: "/")
        guard path.utf8.allSatisfy({ $0 < 0x80 }), let first = parts.first else { return false }
        // Calls of models go past the APIs.
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
