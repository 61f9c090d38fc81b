//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceConfiguration {
    /// A variable that ``resolve(_:environment:readFile:isProgram:)`` reads, for callers that have its value from
    /// elsewhere.
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var isSecret: Bool
    }

    /// The variables for the workspace and for signing in.
    ///
    /// Not those of the machine (`HOME`, `PATH`) or of GitHub's runners, which belong to no configuration.
    package static let variables: [Variable] =
        ConfigurationAttribute.allCases.flatMap { attribute in
            attribute.environmentNames.map { Variable(name: $0, isSecret: attribute.isSecret) }
        } + ["DATABRICKS_CONFIG_FILE", "DATABRICKS_CONFIG_PROFILE"].map { Variable(name: $0, isSecret: false) }

    /// An environment in which a profile alone selects the workspace and the identity, for callers without
    /// ``Arguments``.
    ///
    /// - Parameter profile: The profile; nil leaves everything about the workspace out.
    package static func environment(
        _ environment: [String: String], choosing profile: String?
    ) -> [String: String] {
        var environment = environment
        for attribute in ConfigurationAttribute.allCases where attribute.namesWorkspace {
            for name in attribute.environmentNames { environment[name] = nil }
        }
        environment["DATABRICKS_CONFIG_PROFILE"] = profile
        return environment
    }

    /// An environment that says what ``resolve(_:environment:readFile:isProgram:)`` makes of the arguments' host,
    /// profile and file, for callers that read everything from the environment.
    ///
    /// - Returns: The variables, and whether the workspace is the arguments' and not the environment's.
    /// - Throws: What resolving throws.
    package static func environment(
        _ environment: [String: String], choosing arguments: Arguments
    ) throws(DatabricksError) -> (variables: [String: String], isOther: Bool) {
        var resolver = ConfigurationResolver(arguments: arguments, environment: environment)
        resolver.readConfigurationFile(using: Self.contents(ofFile:))
        let isOther = resolver.environmentIsUnused != nil
        _ = try resolver.finish(.init(readFile: Self.contents(ofFile:), isProgram: Self.isProgram(atPath:)))
        func given(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
        var variables = environment
        if isOther { variables = Self.environment(environment, choosing: given(arguments.profile)) }
        if let host = given(arguments.host) { variables["DATABRICKS_HOST"] = host }
        if let file = given(arguments.configFile) { variables["DATABRICKS_CONFIG_FILE"] = file }
        return (variables, isOther)
    }
}

extension ConfigurationAttribute {
    fileprivate var isSecret: Bool {
        switch self {
        case .token, .clientSecret, .password, .azureClientSecret, .googleCredentials: true
        case .host, .accountID, .workspaceID, .groupID, .cloud, .discoveryURL, .scopes, .authorizationDetails,
            .tokenAudience, .cliPath, .authType, .clientID, .oidcTokenVariable, .oidcTokenFile, .username,
            .azureResourceID, .azureClientID, .azureTenantID, .azureUseMSI, .googleServiceAccount, .metadataServiceURL:
            false
        }
    }
}
