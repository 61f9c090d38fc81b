//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import Databricks
import ExactText
import LocalWorkspace
import Secrets

/// Resolves `valueFrom`.
///
/// Source: Databricks, "Define environment variables in a Databricks app".
enum AppValueSource {
    /// The value for a resource; `nil` if it has none.
    ///
    /// - Parameters:
    ///   - connection: Its database, when it is one.
    ///   - secret: Looks a secret up.
    static func value(
        of resource: Apps.Resource, connection: AppEnvironment.Connection?,
        secret: (_ scope: String, _ key: String) -> Secret? = { _, _ in nil }
    ) -> String? {
        if let connection {
            // An Autoscaling database gives the endpoint's resource name, a Provisioned one the host.
            return resource.postgres != nil ? connection.endpoint : connection.host
        }
        if let wanted = resource.secret {
            return secret(wanted.scope ?? "", wanted.key ?? "")?.withUnsafeValue { $0 }
        }
        let named: [String?] = [
            resource.sqlWarehouse?.id, resource.job?.id, resource.experiment?.experimentID,
            resource.genieSpace?.spaceID, resource.servingEndpoint?.name, resource.app?.name,
            resource.ucSecurable?.securableFullName,
        ]
        return named.compactMap { $0 }.first
    }
}

/// The values of an app's resources, by their keys.
///
/// A variable without a value is left out, as on the service: the program then gets the platform's own value, or none.
struct AppValueResolver {
    let resources: [Apps.Resource]
    let databases: any AppDatabases
    let secrets: SecretScopes
    private(set) var warnings: [String] = []
    /// The secrets among the resolved values.
    private(set) var shown: [Secret] = []

    init(resources: [Apps.Resource], databases: any AppDatabases, secrets: SecretScopes) {
        self.resources = resources
        self.databases = databases
        self.secrets = secrets
    }

    /// The variables of a manifest and of a deployment that have a value; of several with one name, the last wins.
    mutating func values(
        _ manifest: [AppManifest.Variable], _ deployment: [Apps.EnvironmentVariable]
    ) async throws -> [(name: String, value: String)] {
        var own: [(name: String, value: String)] = []
        for variable in manifest {
            switch variable.source {
            case .value(let value): own.append((variable.name, value))
            case .valueFrom(let key):
                if let value = await self.value(of: key, for: variable.name) { own.append((variable.name, value)) }
            }
        }
        for variable in deployment {
            let name = variable.name ?? ""
            if let value = variable.value {
                value.withUnsafeValue { own.append((name, $0)) }
            } else if let key = variable.valueFrom, let value = await self.value(of: key, for: name) {
                own.append((name, value))
            }
        }
        return own
    }

    /// The value of `valueFrom` with this key, for a variable.
    private mutating func value(of key: String, for name: String) async -> String? {
        guard let resource = self.resources.first(where: { $0.name.isExactly(key) }) else {
            let names = self.resources.map { "'\($0.name)'" }.joined(separator: ", ")
            self.warnings.append(
                "The variable \(name) has valueFrom '\(key)', and the app has no resource of that name "
                    + "(it has \(names.isEmpty ? "none" : names)), so that it is left out.")
            return nil
        }
        let connection = await self.connection(of: resource)
        var found: Secret?
        let value = AppValueSource.value(of: resource, connection: connection) { scope, key in
            found = self.secrets.value(of: key, in: scope)
            return found
        }
        if let found { self.shown.append(found) }
        if value == nil {
            let what =
                resource.secret.map { "the secret '\($0.key ?? "")' of the scope '\($0.scope ?? "")' is not there" }
                ?? "it stands for nothing here"
            self.warnings.append("The variable \(name) has valueFrom '\(key)', and \(what), so that it is left out.")
        }
        return value
    }

    /// The first of the app's resources that is a database.
    mutating func firstDatabase() async -> AppEnvironment.Connection? {
        guard let first = self.resources.first(where: { $0.postgres != nil || $0.database != nil }) else { return nil }
        return await self.connection(of: first)
    }

    private mutating func connection(of resource: Apps.Resource) async -> AppEnvironment.Connection? {
        do {
            return try await self.databases.connection(of: resource)
        } catch {
            let why = (error as? APIFailure)?.message ?? "\(error)"
            let warning = "The resource '\(resource.name)' is not there any more: \(why)"
            if !self.warnings.contains(where: { $0.isExactly(warning) }) { self.warnings.append(warning) }
            return nil
        }
    }
}
