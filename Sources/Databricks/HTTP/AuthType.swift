//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An authentication method.
///
/// The names are those of the other Databricks clients.
public struct AuthType: OpenEnum {
    /// The name as configuration files write it.
    public let rawValue: String

    /// Creates a value from any name, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A personal access token.
    public static let personalToken = AuthType(rawValue: "pat")
    /// OAuth client credentials of a service principal.
    public static let clientCredentials = AuthType(rawValue: "oauth-m2m")
    /// Another issuer's token, from a variable of the environment, exchanged for one of the workspace.
    public static let environmentOIDC = AuthType(rawValue: "env-oidc")
    /// Another issuer's token, from a file, exchanged for one of the workspace.
    public static let fileOIDC = AuthType(rawValue: "file-oidc")
    /// The token of a GitHub Actions job, exchanged for one of the workspace.
    public static let gitHubOIDC = AuthType(rawValue: "github-oidc")
    /// A user's login, made by `databricks auth login` or `lakebase auth login`.
    public static let databricksCLI = AuthType(rawValue: "databricks-cli")
    /// A user's login in the token cache, without the `databricks` program.
    public static let externalBrowser = AuthType(rawValue: "external-browser")

    /// The methods that are tried when none is requested, in this order.
    ///
    /// It is the order of the Python SDK without the methods that this module does not have.
    static let chain: [AuthType] = [
        .personalToken, .clientCredentials, .environmentOIDC, .fileOIDC, .gitHubOIDC, .databricksCLI,
    ]

    /// The methods that can be requested.
    static let known: [AuthType] = chain + [.externalBrowser]
}
