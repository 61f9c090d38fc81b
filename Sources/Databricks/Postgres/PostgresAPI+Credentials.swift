//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension PostgresAPI {
    /// Mints a password for logins to an endpoint.
    ///
    /// - Parameters:
    ///   - endpoint: The full name of the endpoint.
    ///   - ttl: How long it is to live: 300 to 3,600 seconds; an hour when neither this nor a time is given.
    ///   - expireTime: When it is to end. Excludes a life.
    ///   - claims: What it is restricted to.
    ///   - groupName: The group in whose role to log in, by its name. A client of Databricks sends it; no reference describes it.
    /// - Returns: A credential whose end lies ahead.
    public func generateDatabaseCredential(
        endpoint: String,
        ttl: Duration? = nil,
        expireTime: Date? = nil,
        claims: [RequestedClaims]? = nil,
        groupName: String? = nil
    ) async throws(DatabricksError) -> Postgres.DatabaseCredential {
        let request = Postgres.GenerateDatabaseCredentialRequest(
            endpoint: endpoint, ttl: ttl.map { ProtobufDuration($0) }, expireTime: expireTime, claims: claims,
            groupName: groupName
        )
        let path = Self.root + "/credentials"
        let answer: CredentialAnswer = try await self.client.call(.post, path, body: request, isRepeatable: true)
        let (token, end) = try answer.checked(time: "expire_time", now: self.client.now(), operation: "POST \(path)")
        return Postgres.DatabaseCredential(token: token, expireTime: end)
    }
}
