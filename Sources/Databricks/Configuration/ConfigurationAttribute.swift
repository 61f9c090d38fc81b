//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A setting's name in configuration files, and the variable of the environment that also sets it.
///
/// The list is that of the other Databricks clients as far as it matters for the choice of an authentication method; an
/// attribute that is listed and not supported yet leads to an error that says so.
enum ConfigurationAttribute: String, CaseIterable, Sendable {
    case host
    case accountID = "account_id"
    case workspaceID = "workspace_id"
    case groupID = "group_id"
    case cloud
    case discoveryURL = "discovery_url"
    case scopes
    case authorizationDetails = "authorization_details"
    case tokenAudience = "token_audience"
    case cliPath = "databricks_cli_path"
    case authType = "auth_type"
    case token
    case clientID = "client_id"
    case clientSecret = "client_secret"
    case oidcTokenVariable = "oidc_token_env"
    case oidcTokenFile = "oidc_token_filepath"
    case username
    case password
    case azureResourceID = "azure_workspace_resource_id"
    case azureClientID = "azure_client_id"
    case azureClientSecret = "azure_client_secret"
    case azureTenantID = "azure_tenant_id"
    case azureUseMSI = "azure_use_msi"
    case googleServiceAccount = "google_service_account"
    case googleCredentials = "google_credentials"
    case metadataServiceURL = "metadata_service_url"

    /// The variables that set it, of which the first with a value wins; none if only arguments and files set it.
    var environmentNames: [String] {
        switch self {
        case .host: ["DATABRICKS_HOST"]
        case .accountID: ["DATABRICKS_ACCOUNT_ID"]
        case .workspaceID: ["DATABRICKS_WORKSPACE_ID"]
        case .groupID: ["DATABRICKS_GROUP_ID"]
        case .cloud: ["DATABRICKS_CLOUD"]
        case .discoveryURL: ["DATABRICKS_DISCOVERY_URL"]
        case .scopes, .authorizationDetails: []
        case .tokenAudience: ["DATABRICKS_TOKEN_AUDIENCE"]
        case .cliPath: ["DATABRICKS_CLI_PATH"]
        case .authType: ["DATABRICKS_AUTH_TYPE"]
        case .token: ["DATABRICKS_TOKEN"]
        case .clientID: ["DATABRICKS_CLIENT_ID"]
        case .clientSecret: ["DATABRICKS_CLIENT_SECRET"]
        case .oidcTokenVariable: ["DATABRICKS_OIDC_TOKEN_ENV"]
        case .oidcTokenFile: ["DATABRICKS_OIDC_TOKEN_FILEPATH", "DATABRICKS_OIDC_TOKEN_FILE"]
        case .username: ["DATABRICKS_USERNAME"]
        case .password: ["DATABRICKS_PASSWORD"]
        case .azureResourceID: ["DATABRICKS_AZURE_RESOURCE_ID"]
        case .azureClientID: ["ARM_CLIENT_ID"]
        case .azureClientSecret: ["ARM_CLIENT_SECRET"]
        case .azureTenantID: ["ARM_TENANT_ID"]
        case .azureUseMSI: ["ARM_USE_MSI"]
        case .googleServiceAccount: ["DATABRICKS_GOOGLE_SERVICE_ACCOUNT"]
        case .googleCredentials: ["GOOGLE_CREDENTIALS"]
        case .metadataServiceURL: ["DATABRICKS_METADATA_SERVICE_URL"]
        }
    }

    /// The family of authentication methods that the attribute belongs to.
    var group: AuthGroup? {
        switch self {
        case .host, .accountID, .workspaceID, .groupID, .cloud, .discoveryURL, .scopes, .authorizationDetails,
            .tokenAudience, .cliPath, .authType:
            nil
        case .token: .personalToken
        case .clientID, .clientSecret: .oauth
        case .oidcTokenVariable: .environmentOIDC
        case .oidcTokenFile: .fileOIDC
        case .username, .password: .basic
        case .azureResourceID, .azureClientID, .azureClientSecret, .azureTenantID, .azureUseMSI: .azure
        case .googleServiceAccount, .googleCredentials: .google
        case .metadataServiceURL: .metadataService
        }
    }

    /// Whether it selects the workspace or the identity, which only the profile decides when one is requested.
    var namesWorkspace: Bool {
        switch self {
        case .cliPath: false
        case .host, .accountID, .workspaceID, .groupID, .cloud, .discoveryURL, .scopes, .authorizationDetails,
            .tokenAudience, .authType, .token, .clientID, .clientSecret, .oidcTokenVariable, .oidcTokenFile, .username,
            .password, .azureResourceID, .azureClientID, .azureClientSecret, .azureTenantID, .azureUseMSI,
            .googleServiceAccount, .googleCredentials, .metadataServiceURL:
            true
        }
    }

    /// Whether the configuration file is not read when this is set and no profile was requested.
    var replacesFile: Bool { self == .host || self.group != nil }
}

/// A family of authentication methods, of which a configuration may name one.
enum AuthGroup: String, Comparable, Sendable {
    case personalToken = "pat"
    case oauth
    case environmentOIDC = "env-oidc"
    case fileOIDC = "file-oidc"
    case basic
    case azure
    case google
    case metadataService = "metadata-service"

    /// Whether this module has a method of the family.
    var isSupported: Bool {
        switch self {
        case .personalToken, .oauth, .environmentOIDC, .fileOIDC: true
        case .basic, .azure, .google, .metadataService: false
        }
    }

    static func < (lhs: AuthGroup, rhs: AuthGroup) -> Bool { lhs.rawValue < rhs.rawValue }
}
