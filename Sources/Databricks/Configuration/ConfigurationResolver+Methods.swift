//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

/// The choice of the method.
extension ConfigurationResolver {
    typealias Authentication = WorkspaceConfiguration.Authentication

    /// The result of trying one method.
    private enum Fit {
        case fits(Authentication)
        case lacks(String)
    }

    mutating func authentication(host: Setting<String>?, _ files: Files) -> Authentication? {
        if let custom = self.arguments.customAuthType { return .custom(custom) }
        if let asked = self.text(.authType) { return self.authentication(asked, host: host, files) }
        let groups = Set(self.settings.keys.compactMap(\.group)).sorted()
        if groups.count > 1 {
            let list = groups.map { "\($0.rawValue) (\(self.places(of: $0)))" }.joined(separator: " and ")
            self.problems.append(
                "more than one authentication method is configured: \(list); unset all but one, or choose with DATABRICKS_AUTH_TYPE"
            )
            return nil
        }
        if let group = groups.first, !group.isSupported {
            self.problems.append(
                "authentication by \(group.rawValue) (\(self.places(of: group))) is not supported: use DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
            )
            return nil
        }
        for type in AuthType.chain {
            switch self.fit(type, host: host, files) {
            case .fits(let authentication): return self.checked(authentication)
            case .lacks(let reason): self.unfitMethods.append(.init(type: type, reason: reason))
            }
        }
        self.problems.append(self.nothingFits)
        return nil
    }

    /// The method that was requested, and no other.
    private mutating func authentication(
        _ asked: Setting<String>, host: Setting<String>?, _ files: Files
    ) -> Authentication? {
        let type = AuthType(rawValue: asked.value)
        guard AuthType.known.contains(type) else {
            let names = AuthType.known.map(\.rawValue).joined(separator: ", ")
            self.problems.append(
                "the authentication type '\(ErrorParser.clean(String(asked.value.prefix(80))))' (from \(asked.source)) is not supported: use one of \(names)"
            )
            return nil
        }
        switch self.fit(type, host: host, files) {
        case .fits(let authentication): return self.checked(authentication)
        case .lacks(let reason):
            self.problems.append("\(asked.source) asks for \(type), but \(reason)")
            return nil
        }
    }

    /// One explanation for all methods.
    private var nothingFits: String {
        let tried = self.unfitMethods.map(\.description).joined(separator: ", ")
        return """
            no credentials: set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or name a profile with \
            DATABRICKS_CONFIG_PROFILE, or log in with 'lakebase auth login'; looked at \(tried)\(self.unusedWords)
            """
    }

    // MARK: What each method needs

    private func fit(_ type: AuthType, host: Setting<String>?, _ files: Files) -> Fit {
        switch type {
        case .personalToken:
            self.settings[.token].map { .fits(.personalToken($0)) } ?? .lacks("there is no token: set DATABRICKS_TOKEN")
        case .clientCredentials: self.clientCredentials
        case .environmentOIDC: self.environmentOIDC
        case .fileOIDC:
            self.text(.oidcTokenFile).map { .fits(.tokenExchange(.file($0), clientID: self.text(.clientID))) }
                ?? .lacks("there is no file with an ID token: set DATABRICKS_OIDC_TOKEN_FILEPATH")
        case .gitHubOIDC: self.gitHubOIDC
        default: self.userLogin(type, host: host, files)
        }
    }

    private var clientCredentials: Fit {
        switch (self.text(.clientID), self.settings[.clientSecret]) {
        case (let id?, let secret?): .fits(.clientCredentials(id: id, secret: secret))
        case (let id?, nil):
            .lacks("there is a client id (from \(id.source)) without a client secret: set DATABRICKS_CLIENT_SECRET")
        case (nil, let secret?):
            .lacks("there is a client secret (from \(secret.source)) without a client id: set DATABRICKS_CLIENT_ID")
        case (nil, nil):
            .lacks("there is no client id and secret: set DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET")
        }
    }

    private var environmentOIDC: Fit {
        let named = self.text(.oidcTokenVariable)?.value
        if named == nil, let unused = self.environmentIsUnused, self.text(.authType) == nil {
            return switch unused {
            case .profile: .lacks("the profile asks for no ID token: set auth_type or oidc_token_env in it")
            case .otherHost: .lacks("the environment's ID token is for another workspace")
            }
        }
        let name = named ?? "DATABRICKS_OIDC_TOKEN"
        guard let token = self.variable(name) else { return .lacks("there is no ID token: set \(name)") }
        return .fits(
            .tokenExchange(.value(Setting(Secret(token), from: .environment(name))), clientID: self.text(.clientID)))
    }

    private var gitHubOIDC: Fit {
        guard let url = self.setting("ACTIONS_ID_TOKEN_REQUEST_URL"),
            let token = self.setting("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        else {
            return .lacks("this is not a GitHub Actions job with the permission 'id-token: write'")
        }
        guard let clientID = self.text(.clientID) else {
            return .lacks("there is no client id: set DATABRICKS_CLIENT_ID")
        }
        let request = Setting(Secret(token.value), from: token.source)
        return .fits(.tokenExchange(.gitHub(url: url, requestToken: request), clientID: clientID))
    }

    private func userLogin(_ type: AuthType, host: Setting<String>?, _ files: Files) -> Fit {
        guard let host else { return .lacks("the workspace is not known") }
        if self.text(.authType) == nil, let half = self.text(.clientID) ?? self.text(.clientSecret) {
            return .lacks("a service principal is configured (from \(half.source)), so no user's login is used")
        }
        // A profile's login is one for the profile's host. A host from elsewhere must not be sent it.
        let profile = self.isProfilesHost ? self.profile : nil
        let keys = [profile, host.value].compactMap { $0 }
        let cache = self.inHome(LoginStore.usualPath)
        let found = type == .externalBrowser ? nil : self.program(files)
        let login = WorkspaceConfiguration.UserLogin(
            type: type, tokenCache: cache, cacheKeys: keys, program: found, profile: profile,
            configFile: self.configFile)
        let command = "lakebase auth login --host \(host.value)"
        let hasLogin =
            cache.flatMap { try? files.readFile($0) }.flatMap { try? LoginStore.Contents($0) }?
            .login(for: keys) != nil
        guard found != nil || hasLogin else {
            let place = cache ?? "a token cache (HOME is not set)"
            let program =
                type == .externalBrowser ? "" : " and no program 'databricks' on PATH (or DATABRICKS_CLI_PATH)"
            return .lacks("there is no login for it in \(place)\(program): run '\(command)'")
        }
        return .fits(.userLogin(login))
    }

    /// The `databricks` program: named by a path, or found on `PATH`.
    private func program(_ files: Files) -> Setting<String>? {
        let named = self.text(.cliPath)
        let name = named?.value ?? "databricks"
        if name.contains("/") {
            guard let path = self.inHome(name), files.isProgram(path) else { return nil }
            return Setting(path, from: named?.source ?? .standard)
        }
        let folders = self.variable("PATH")?.split(separator: ":") ?? []
        let paths = folders.lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
        return paths.first(where: files.isProgram).map { Setting($0, from: named?.source ?? .environment("PATH")) }
    }

    // MARK: Values that cannot be right

    private mutating func checked(_ authentication: Authentication) -> Authentication {
        switch authentication {
        case .personalToken(let token):
            self.check(token, name: "token")
        case .clientCredentials(let id, let secret):
            if id.value.contains(":") { self.problems.append("the client id (from \(id.source)) holds a colon") }
            self.check(Setting(Secret(id.value), from: id.source), name: "client id")
            self.check(secret, name: "client secret")
        case .tokenExchange(.value(let token), _):
            self.check(token, name: "ID token")
        case .tokenExchange(.gitHub(let url, let token), _):
            if !URLEncoding.isSafe(url.value) {
                self.problems.append("the address (from \(url.source)) does not begin with https://")
            }
            self.check(token, name: "request token")
        case .tokenExchange(.file, _), .userLogin, .custom: break
        }
        return authentication
    }

    /// Checks that a value for a header cannot end the header.
    private mutating func check(_ setting: Setting<Secret>, name: String) {
        if !setting.value.isVisibleText {
            self.problems.append(
                "the \(name) (from \(setting.source)) holds a blank, a line break or another character that none has")
        }
    }

    private func places(of group: AuthGroup) -> String {
        let attributes = ConfigurationAttribute.allCases.filter { $0.group == group }
        return attributes.compactMap { attribute in
            self.settings[attribute].map { "\(attribute.rawValue) from \($0.source)" }
        }.joined(separator: ", ")
    }
}
