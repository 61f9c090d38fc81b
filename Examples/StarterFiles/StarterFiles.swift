//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The files of `Examples/Starter`, which `lakebase init` writes, embedded in the program when it is built.
package enum StarterFiles {
    /// The files by their paths in the folder, in the order of the paths.
    package static let all: [(path: String, bytes: [UInt8])] = [
        (".env.example", PackageResources._env_example),
        (".gitignore", PackageResources._gitignore),
        ("Package.swift", PackageResources.Package_swift),
        ("README.md", PackageResources.README_md),
        ("Sources/App/Application.swift", PackageResources.Application_swift),
        ("Sources/App/Messages.swift", PackageResources.Messages_swift),
        ("Sources/App/Page.swift", PackageResources.Page_swift),
        ("Sources/App/Server.swift", PackageResources.Server_swift),
        ("Tests/AppTests/AppTests.swift", PackageResources.AppTests_swift),
        ("Tests/AppTests/LocalDatabase.swift", PackageResources.LocalDatabase_swift),
        ("deployment.yaml", PackageResources.deployment_yaml),
        ("migrations/0001_create_messages.down.sql", PackageResources._001_create_messages_down_sql),
        ("migrations/0001_create_messages.sql", PackageResources._001_create_messages_sql),
    ]
}
