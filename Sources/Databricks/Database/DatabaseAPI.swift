//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Lakebase Provisioned: instances and their credentials.
public struct DatabaseAPI: Sendable {
    private static let root = "/api/2.0/database"

    let client: APIClient

    /// An instance by its name.
    public func getDatabaseInstance(_ name: String) async throws(DatabricksError) -> Database.Instance {
        try await self.client.call(.get, "\(Self.root)/instances/\(APIClient.path(ofName: name, allowsSlash: false))")
    }

    /// All instances.
    ///
    /// - Parameter pageSize: At most 100.
    public func listDatabaseInstances(pageSize: Int? = nil) -> PagedSequence<Database.Instance> {
        PagedSequence { (token) async throws(DatabricksError) in
            let query = PageQuery.fields(size: pageSize, token: token)
            let page: Database.ListInstancesResponse = try await self.client.call(
                .get, Self.root + "/instances", query: query
            )
            return (page.instances ?? [], page.nextPageToken)
        }
    }

    /// An instance by its id.
    public func findDatabaseInstance(uid: String) async throws(DatabricksError) -> Database.Instance {
        try await self.client.call(.get, Self.root + "/instances:findByUid", query: [("uid", uid)])
    }

    /// Makes a password for logins to instances, which lives an hour.
    ///
    /// - Parameters:
    ///   - instanceNames: The instances.
    ///   - requestID: Tells a repeated request from a new one; a random UUID by default.
    ///   - claims: What it is restricted to. Either instances or claims are needed.
    /// - Returns: A credential whose end lies ahead.
    public func generateDatabaseCredential(
        instanceNames: [String],
        requestID: String? = nil,
        claims: [Database.RequestedClaims]? = nil
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
