//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets

/// The parts of the workspace that are neither projects nor instances: files, apps, service principals and their secrets.
struct WorkspaceServices: Sendable {
    let developer: LocalIdentity
    let principals: PrincipalRegistry
    let files: WorkspaceFiles
    let apps: AppRegistry

    /// Opens what is kept in documents and below `folder`, and makes what is missing.
    ///
    /// - Parameters:
    ///   - runtime: Makes what runs apps, from where their files are.
    ///   - delay: How long starts and stops of computes, and deletions of apps, take at least.
    init(
        folder: String, documents: any DocumentStore, identities: IdentityDirectory, databases: any AppDatabases,
        delay: Duration = .milliseconds(100), runtime: (WorkspaceFiles) -> AppRuntime
    ) throws {
        try PrivateFile.createDirectory(folder, mode: 0o700)
        self.developer = identities.developer
        self.principals = identities.principals
        self.files = try WorkspaceFiles(
            folder: folder, documents: documents, home: "/Users/\(identities.developer.userName)")
        self.apps = try AppRegistry(
            documents: documents, principals: identities.principals, databases: databases, runtime: runtime(self.files),
            delay: delay)
    }

    private static let principalsPath = "/api/2.0/preview/scim/v2/ServicePrincipals"
    private static let secretsPath = "/api/2.0/accounts/servicePrincipals"
    private static let filesPath = "/api/2.0/workspace"
    private static let uploadPath = "/api/2.0/workspace-files/import-file"
    private static let appsPath = "/api/2.0/apps"
    /// Not a part of the service.
    private static let localAppsPath = "/local/apps"
    private static let permissionsPath = "/api/2.0/permissions/apps"

    /// The longest body of a request in bytes, for a path that takes long ones.
    static func bodyLimit(path: String) -> Int? {
        if Self.rest(of: path, after: Self.uploadPath) != nil { return 512 << 20 }
        return Self.rest(of: path, after: Self.filesPath) != nil ? 16 << 20 : nil
    }

    /// Whether requests for this path are answered here.
    static func serves(_ path: String) -> Bool {
        [
            Self.principalsPath, Self.secretsPath, Self.filesPath, Self.uploadPath, Self.appsPath, Self.permissionsPath,
            Self.localAppsPath,
        ]
        .contains { Self.rest(of: path, after: $0) != nil }
    }

    /// Answers a request for a path that ``serves(_:)``.
    func answer(_ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        if let rest = Self.rest(of: request.path, after: Self.principalsPath) {
            return try self.principal(rest, request, as: identity)
        }
        if let rest = Self.rest(of: request.path, after: Self.secretsPath) {
            return try self.secret(rest, request, as: identity)
        }
        if let rest = Self.rest(of: request.path, after: Self.uploadPath) {
            return try await self.upload("/" + rest.joined(separator: "/"), request)
        }
        if let rest = Self.rest(of: request.path, after: Self.filesPath) {
            return try await self.file(rest, request)
        }
        if let rest = Self.rest(of: request.path, after: Self.appsPath) {
            return try await self.app(rest, request, as: identity)
        }
        if let rest = Self.rest(of: request.path, after: Self.permissionsPath) {
            return try await self.permissions(rest, request)
        }
        if let rest = Self.rest(of: request.path, after: Self.localAppsPath) {
            return try await self.logs(rest, request, as: identity)
        }
        throw Self.unknown(request)
    }

    static func unknown(_ request: APIRequest) -> APIFailure {
        APIFailure(404, "ENDPOINT_NOT_FOUND", "No API found for '\(request.method) \(request.path)'")
    }

    /// An empty answer.
    static let nothing = APIResponse(
        status: 200, headers: [("Content-Type", "application/json")], body: Data("{}".utf8))

    /// The parts of a path below another, nil when it is not below it.
    private static func rest(of path: String, after prefix: String) -> [String]? {
        guard path.hasPrefix(prefix) else { return nil }
        let rest = path.dropFirst(prefix.count)
        guard rest.isEmpty || rest.first == "/" else { return nil }
        return rest.split(separator: "/").map(String.init)
    }
}
