//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The header that says which program calls, in the form of the other Databricks clients.
enum UserAgent {
    /// The version of this library.
    static let version = "0.1.0"

    static func text(product: WorkspaceConfiguration.Product, authType: AuthType?, extras: [String] = []) -> String {
        var parts = [
            "\(self.clean(product.name))/\(self.clean(product.version))", "databricks-sdk-swift/\(self.version)",
            "swift/\(self.compiler)",
            "os/\(self.system)",
        ]
        if let authType { parts.append("auth/\(self.clean(authType.rawValue))") }
        parts += extras
        return parts.joined(separator: " ")
    }

    /// Parts that describe the program's surroundings: the program that started it, and the CI system.
    ///
    /// The names and variables are those of the other Databricks clients.
    static func extras(environment: [String: String]) -> [String] {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var extras: [String] = []
        if let name = value("DATABRICKS_SDK_UPSTREAM") {
            extras.append("upstream/\(self.clean(name))")
            if let version = value("DATABRICKS_SDK_UPSTREAM_VERSION") {
                extras.append("upstream-version/\(self.clean(version))")
            }
        }
        if let runtime = value("DATABRICKS_RUNTIME_VERSION") { extras.append("runtime/\(self.clean(runtime))") }
        let systems: [(name: String, variable: String, value: String?)] = [
            ("github", "GITHUB_ACTIONS", "true"), ("gitlab", "GITLAB_CI", "true"), ("jenkins", "JENKINS_URL", nil),
            ("azure-devops", "TF_BUILD", "True"), ("circle", "CIRCLECI", "true"), ("travis", "TRAVIS", "true"),
            ("bitbucket", "BITBUCKET_BUILD_NUMBER", nil), ("aws-code-build", "CODEBUILD_BUILD_ARN", nil),
            ("tf-cloud", "TFC_RUN_ID", nil),
        ]
        let system = systems.first { system in
            value(system.variable).map { $0 == system.value ?? $0 } ?? false
        }
        if let system { extras.append("cicd/\(system.name)") }
        return extras
    }

    private static var compiler: String {
        #if compiler(>=6.4)
        "6.4"
        #else
        "6.3"
        #endif
    }

    private static var system: String {
        #if os(Linux)
        "linux"
        #elseif os(macOS)
        "darwin"
        #else
        "other"
        #endif
    }

    private static func clean(_ text: String) -> String {
        let bytes = text.utf8.prefix(64).map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E, 0x5F: byte
            default: 0x2D
            }
        }
        return bytes.isEmpty ? "unknown" : String(decoding: bytes, as: UTF8.self)
    }
}
