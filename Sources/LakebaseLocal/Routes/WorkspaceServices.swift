//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The services of the workspace for other things than projects and instances: files, apps, service principals and secrets.
struct WorkspaceServices: Sendable {
    let developer: LocalIdentity
    let principals: PrincipalRegistry
    let files: WorkspaceFiles
    let apps: AppRegistry
    let scopes: SecretScopes

    /// Reads the documents and the files below `folder`, and creates those that are missing.
    ///
    /// - Parameters:
    ///   - runtime: Creates the runtime of the apps, from the files of the workspace.
    ///   - delay: How long starts and stops of computes, and deletions of apps, take at least.
    init(
        folder: String, documents: any DocumentStore, identities: IdentityDirectory, databases: any AppDatabases,
        scopes: SecretScopes = SecretScopes(), delay: Duration = .milliseconds(100),
        runtime: (WorkspaceFiles) -> AppRuntime
    ) throws {
        try PrivateFile.createDirectory(folder, mode: 0o700)
        self.developer = identities.developer
        self.principals = identities.principals
        self.scopes = scopes
        self.files = try WorkspaceFiles(
            folder: folder, documents: documents, home: "/Users/\(identities.developer.userName)")
        self.apps = try AppRegistry(
            documents: documents, principals: identities.principals, databases: databases, runtime: runtime(self.files),
            delay: delay)
    }

    /// An answer with an empty object.
    static let nothing = APIResponse(
        status: 200, headers: [("Content-Type", "application/json")], body: Data("{}".utf8))
}
