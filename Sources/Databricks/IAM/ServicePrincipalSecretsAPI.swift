//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

/// The OAuth client secrets of service principals.
///
/// Source: the workspace's proxy of the account API (`/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets`).
public struct ServicePrincipalSecretsAPI: Sendable {
    let client: APIClient

    private func path(_ principal: String) throws(DatabricksError) -> String {
        let id = try APIClient.path(ofName: principal, allowsSlash: false)
        return "/api/2.0/accounts/servicePrincipals/\(id)/credentials/secrets"
    }

    /// Creates a client secret; only this answer contains its text.
    ///
    /// - Parameters:
    ///   - principal: The number of the service principal, not its application id.
    ///   - lifetime: How long it lives: at most, and by default, 730 days.
    ///   - scopes: What tokens got with it are limited to; no limit when nil.
    /// - Throws: `invalidResponse` when the answer holds no secret.
    public func create(
        forServicePrincipal principal: String, lifetime: Duration? = nil, scopes: [String]? = nil
    ) async throws(DatabricksError) -> IAM.ServicePrincipalSecret {
        let path = try self.path(principal)
        let request = IAM.CreateServicePrincipalSecretRequest(
            lifetime: lifetime.map { ProtobufDuration($0) }, scopes: scopes)
        let created: IAM.ServicePrincipalSecret = try await self.client.call(
            .post, path, body: request, isRepeatable: false)
        guard created.secret?.isEmpty == false else {
            throw DatabricksError(
                code: .invalidResponse, message: "the service returned no secret", operation: "POST \(path)")
        }
        return created
    }

    /// The client secrets of a service principal, without their texts.
    ///
    /// - Parameters:
    ///   - principal: The number of the service principal.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func list(ofServicePrincipal principal: String, pageSize: Int? = nil) -> PagedSequence<
        IAM.ServicePrincipalSecret
    > {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: IAM.ListServicePrincipalSecretsResponse = try await self.client.call(
                .get, self.path(principal), query: Query.page(size: pageSize, token: token))
            return (page.secrets ?? [], page.nextPageToken)
        }
    }

    /// Deletes a client secret; tokens obtained with it stay valid until they expire.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - principal: The number of the service principal.
    public func delete(_ id: String, ofServicePrincipal principal: String) async throws(DatabricksError) {
        let id = try APIClient.path(ofName: id, allowsSlash: false)
        let _: AnyAnswer = try await self.client.call(.delete, self.path(principal) + "/\(id)")
    }
}
