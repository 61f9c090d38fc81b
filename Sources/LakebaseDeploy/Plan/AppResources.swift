//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks

/// Adds the database to the resources of an app, and leaves the others as they are.
public enum AppResources {
    /// Returns the key of the database: that of `deployment.yaml`, or the key under which the same database was attached by hand.
    static func key(of wanted: Apps.Resource, among resources: [Apps.Resource]) -> String {
        resources.first { Self.isSame($0, wanted) }?.name ?? wanted.name
    }

    /// Returns the resources with the database among them.
    ///
    /// It is placed before every other database, because the platform sets the variables `PG…` for the first one only. All others stay as they are.
    ///
    /// - Parameters:
    ///   - wanted: The database, under the key of `deployment.yaml`.
    ///   - resources: The attached resources.
    /// - Returns: All resources, in order; nil when nothing has to change.
    /// - Throws: `generation` when a database of the other generation is attached and this one is not; `conflict` when another resource has the key.
    public static func attaching(_ wanted: Apps.Resource, to resources: [Apps.Resource]) throws(DeployError)
        -> [Apps.Resource]?
    {
        if let index = resources.firstIndex(where: { Self.isSame($0, wanted) }) {
            let isFirst = !resources[..<index].contains { $0.isDatabase }
            if isFirst { return nil }
            var others = resources
            return [others.remove(at: index)] + others
        }
        let isPostgres = wanted.postgres != nil
        if let other = resources.first(where: { isPostgres ? $0.database != nil : $0.postgres != nil }) {
            throw DeployError(
                .generation, "the app has a database of the other generation of Lakebase",
                details: ["attached: \(Self.text(other))", "wanted:   \(Self.text(wanted))"],
                remedy:
                    "set the generation in deployment.yaml back, or detach \(other.name) from the app first; its data stays where it is"
            )
        }
        if let other = resources.first(where: { $0.name == wanted.name }) {
            throw DeployError(
                .conflict, "the app has another resource under the key \(wanted.name)",
                details: ["attached: \(Self.text(other))", "wanted:   \(Self.text(wanted))"],
                remedy: "detach it, or attach it under another key, and run this again")
        }
        return [wanted] + resources
    }

    /// Whether two resources are the same database, whatever their keys.
    private static func isSame(_ one: Apps.Resource, _ other: Apps.Resource) -> Bool {
        if let left = one.postgres, let right = other.postgres {
            return left.branch == right.branch && left.database == right.database
        }
        if let left = one.database, let right = other.database {
            return left.instanceName == right.instanceName && left.databaseName == right.databaseName
        }
        return false
    }

    /// Describes a resource in one line.
    public static func text(_ resource: Apps.Resource) -> String {
        let what: String =
            if let postgres = resource.postgres {
                "postgres \(postgres.database ?? "?") on \(postgres.branch ?? "?")"
            } else if let database = resource.database {
                "database \(database.databaseName ?? "?") of instance \(database.instanceName ?? "?")"
            } else if let secret = resource.secret {
                "secret \(secret.scope ?? "?")/\(secret.key ?? "?")"
            } else if let warehouse = resource.sqlWarehouse {
                "SQL warehouse \(warehouse.id ?? "?")"
            } else if let endpoint = resource.servingEndpoint {
                "serving endpoint \(endpoint.name ?? "?")"
            } else if let job = resource.job {
                "job \(job.id ?? "?")"
            } else if let app = resource.app {
                "app \(app.name ?? "?")"
            } else if resource.experiment != nil {
                "an experiment"
            } else if resource.genieSpace != nil {
                "a Genie space"
            } else if resource.ucSecurable != nil {
                "a securable of Unity Catalog"
            } else {
                "a resource of an unknown kind"
            }
        return "\(resource.name) = \(what)"
    }
}

extension Apps.Resource {
    var isDatabase: Bool { self.postgres != nil || self.database != nil }
}
