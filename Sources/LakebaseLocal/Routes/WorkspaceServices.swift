//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The parts of the workspace that are neither projects nor instances: files, apps, service principals and their secrets.
struct WorkspaceServices: Sendable {
    let developer: LocalIdentity
    let principals: PrincipalRegistry
    let files: WorkspaceFiles
    let apps: AppRegistry
    let scopes: SecretScopes

    /// Opens what is kept in documents and below `folder`, and makes what is missing.
    ///
    /// - Parameters:
    ///   - runtime: Makes what runs apps, from where their files are.
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

    /// What a path belongs to, and where that begins.
    enum Section: String, CaseIterable, Sendable {
        case principals = "/api/2.0/preview/scim/v2/ServicePrincipals"
        case users = "/api/2.0/preview/scim/v2/Users"
        case groups = "/api/2.0/preview/scim/v2/Groups"
        case secrets = "/api/2.0/accounts/servicePrincipals"
        case scopedSecrets = "/api/2.0/secrets"
        case files = "/api/2.0/workspace"
        case upload = "/api/2.0/workspace-files/import-file"
        case apps = "/api/2.0/apps"
        /// Not a part of the service.
        case localApps = "/local/apps"
        case permissions = "/api/2.0/permissions/apps"
    }

    /// The part of the workspace that a path is in, and the parts of the path below that.
    static func section(of path: String) -> (section: Section, rest: [String])? {
        for section in Section.allCases {
            if let rest = Self.rest(of: path, after: section.rawValue) { return (section, rest) }
        }
        return nil
    }

    static func unknown(_ request: APIRequest) -> APIFailure {
        APIFailure(404, "ENDPOINT_NOT_FOUND", request.noSuchAPI)
    }

    /// An empty answer.
    static let nothing = APIResponse(
        status: 200, headers: [("Content-Type", "application/json")], body: Data("{}".utf8))

    /// The parts of a path below another, nil when it is not below it.
    private static func rest(of path: String, after prefix: String) -> [String]? {
        guard let rest = path.droppingExactly(prefix: prefix), rest.isEmpty || rest.startsExactly(with: "/") else {
            return nil
        }
        return rest.splitExactly(at: "/").map { String($0) }
    }
}
