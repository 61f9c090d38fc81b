//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Lakebase Provisioned: instances with their roles and credentials.
///
/// New work is better done with ``PostgresAPI``, which since March 2026 drives the same databases. Source: the Database
/// API (`/api/2.0/database`).
public struct DatabaseAPI: Sendable {
    static let root = "/api/2.0/database"

    let client: APIClient

    /// The path of an instance, or of a part of it.
    func path(ofInstance name: String, _ rest: String = "") throws(DatabricksError) -> String {
        "\(Self.root)/instances/\(try APIClient.path(ofName: name, allowsSlash: false))\(rest)"
    }

    /// Mints a password for logins to instances, which expires after an hour.
    ///
    /// - Parameters:
    ///   - instanceNames: The instances.
    ///   - requestID: Identifies a repeated request; a random UUID by default.
    ///   - claims: What it is restricted to. Either instances or claims are needed.
    /// - Returns: A credential whose end lies ahead.
    public func generateDatabaseCredential(
        instanceNames: [String],
        requestID: String? = nil,
        claims: [RequestedClaims]? = nil
    ) async throws(DatabricksError) -> Database.DatabaseCredential {
        let request = Database.GenerateDatabaseCredentialRequest(
            instanceNames: instanceNames.isEmpty ? nil : instanceNames,
            requestID: requestID ?? UUID().uuidString.lowercased(),
            claims: claims
        )
        let path = Self.root + "/credentials"
        let answer: CredentialAnswer = try await self.client.call(.post, path, body: request, isRepeatable: true)
        let (token, end) = try answer.checked(
            time: "expiration_time", now: self.client.now(), operation: "POST \(path)")
        return Database.DatabaseCredential(token: token, expirationTime: end)
    }
}
