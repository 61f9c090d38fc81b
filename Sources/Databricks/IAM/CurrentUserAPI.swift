//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Asks who one is.
public struct CurrentUserAPI: Sendable {
    let client: APIClient

    /// The identity behind the credentials.
    ///
    /// Its `userName` is the name of its role in Lakebase: an e-mail address, or a service principal's application id.
    public func me() async throws(DatabricksError) -> IAM.User {
        try await self.client.call(.get, "/api/2.0/preview/scim/v2/Me")
    }
}
