//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A setting's name in configuration files, and the variable of the environment that also sets it.
///
/// The list is that of the other Databricks clients as far as it matters for the choice of an authentication method; what is listed and cannot be
/// used yet leads to an error that says so.
enum ConfigurationAttribute: String, CaseIterable, Sendable {
    case host
    case accountID = "account_id"
    case workspaceID = "workspace_id"
    case discoveryURL = "discovery_url"
    case authType = "auth_type"
    case token
    case clientID = "client_id"
    case clientSecret = "client_secret"
    case username
    case password
    case azureResourceID = "azure_workspace_resource_id"
    case azureClientID = "azure_client_id"
    case azureClientSecret = "azure_client_secret"
    case azureTenantID = "azure_tenant_id"
    case googleServiceAccount = "google_service_account"
    case googleCredentials = "google_credentials"
    case metadataServiceURL = "metadata_service_url"

    var environmentName: String {
        switch self {
        case .host: "DATABRICKS_HOST"
        case .accountID: "DATABRICKS_ACCOUNT_ID"
        case .workspaceID: "DATABRICKS_WORKSPACE_ID"
        case .discoveryURL: "DATABRICKS_DISCOVERY_URL"
        case .authType: "DATABRICKS_AUTH_TYPE"
        case .token: "DATABRICKS_TOKEN"
        case .clientID: "DATABRICKS_CLIENT_ID"
        case .clientSecret: "DATABRICKS_CLIENT_SECRET"
        case .username: "DATABRICKS_USERNAME"
        case .password: "DATABRICKS_PASSWORD"
        case .azureResourceID: "DATABRICKS_AZURE_RESOURCE_ID"
        case .azureClientID: "ARM_CLIENT_ID"
        case .azureClientSecret: "ARM_CLIENT_SECRET"
        case .azureTenantID: "ARM_TENANT_ID"
        case .googleServiceAccount: "DATABRICKS_GOOGLE_SERVICE_ACCOUNT"
        case .googleCredentials: "GOOGLE_CREDENTIALS"
        case .metadataServiceURL: "DATABRICKS_METADATA_SERVICE_URL"
        }
    }

    /// The family of authentication methods that the attribute belongs to.
    var group: AuthGroup? {
        switch self {
        case .host, .accountID, .workspaceID, .discoveryURL, .authType: nil
        case .token: .personalToken
        case .clientID, .clientSecret: .oauth
        case .username, .password: .basic
        case .azureResourceID, .azureClientID, .azureClientSecret, .azureTenantID: .azure
        case .googleServiceAccount, .googleCredentials: .google
        case .metadataServiceURL: .metadataService
        }
    }

    /// Whether a configuration file is left alone when this is set and no profile was asked for.
    var replacesFile: Bool { self == .host || self.group != nil }
}

/// A family of authentication methods, of which a configuration may name one.
enum AuthGroup: String, Comparable, Sendable {
    case personalToken = "pat"
    case oauth
    case basic
    case azure
    case google
    case metadataService = "metadata-service"

    static func < (lhs: AuthGroup, rhs: AuthGroup) -> Bool { lhs.rawValue < rhs.rawValue }
}
