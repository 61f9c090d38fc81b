//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Returns the identity of the caller.
public struct CurrentUserAPI: Sendable {
    let client: APIClient

    /// Returns the identity that owns the credentials.
    ///
    /// Its `userName` is the name of its role in Lakebase: an e-mail address, or a service principal's application id.
    ///
    /// - Parameters:
    ///   - attributes: The attributes to answer; all when empty.
    ///   - excludedAttributes: Attributes to leave out, such as `groups` for a member of many.
    public func me(attributes: [String] = [], excludedAttributes: [String] = []) async throws(DatabricksError)
        -> IAM.User
    {
        func list(_ names: [String]) -> String? { names.isEmpty ? nil : names.joined(separator: ",") }
        return try await self.client.call(
            .get, "/api/2.0/preview/scim/v2/Me",
            query: Query.fields(
                ("attributes", list(attributes)), ("excludedAttributes", list(excludedAttributes))))
    }
}
