//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The service principals of the workspace: identities for programs.
///
/// Source: the SCIM API (`/api/2.0/preview/scim/v2/ServicePrincipals`). Changing them takes the rights of a workspace
/// administrator.
public struct ServicePrincipalsAPI: Sendable {
    static let root = "/api/2.0/preview/scim/v2/ServicePrincipals"

    let client: APIClient

    private func path(_ id: String) throws(DatabricksError) -> String {
        "\(Self.root)/\(try APIClient.path(ofName: id, allowsSlash: false))"
    }

    /// A service principal by its number.
    public func get(_ id: String) async throws(DatabricksError) -> IAM.ServicePrincipal {
        try await self.client.call(.get, self.path(id))
    }

    /// The service principals.
    ///
    /// - Parameters:
    ///   - filter: A SCIM filter such as `applicationId eq "5a6b…"` or `displayName eq "deployer"`; all when nil.
    ///   - pageSize: How many are asked for at a time.
    public func list(filter: String? = nil, pageSize: Int = 100) -> PagedSequence<IAM.ServicePrincipal> {
        PagedSequence { (token) async throws(DatabricksError) in
            let start = token.flatMap { Int64($0) } ?? 1
            let query = Query.fields(("filter", filter), ("startIndex", start), ("count", pageSize))
            let page: IAM.ListServicePrincipalsResponse = try await self.client.call(.get, Self.root, query: query)
            let items = page.resources ?? []
            // SCIM counts where other APIs have tokens; without a total, an empty page is the end.
            let (next, isTooMany) = start.addingReportingOverflow(Int64(items.count))
            let isLast = items.isEmpty || isTooMany || next > page.totalResults ?? .max
            return (items, isLast ? nil : String(next))
        }
    }

    /// Creates a service principal, or adds one of the account to the workspace.
    ///
    /// - Parameter principal: With a display name for a new one, with an application id for one of the account.
    public func create(_ principal: IAM.ServicePrincipal) async throws(DatabricksError) -> IAM.ServicePrincipal {
        try await self.client.call(.post, Self.root, body: self.complete(principal), isRepeatable: false)
    }

    /// Replaces a service principal.
    ///
    /// - Parameters:
    ///   - id: Its number.
    ///   - principal: All its attributes: attributes that are left out are cleared.
    public func update(_ id: String, to principal: IAM.ServicePrincipal) async throws(DatabricksError) {
        let _: AnyAnswer = try await self.client.call(
            .put, self.path(id), body: self.complete(principal), isRepeatable: true)
    }

    /// Changes some attributes of a service principal.
    ///
    /// - Parameters:
    ///   - id: Its number.
    ///   - operations: The changes, in order.
    public func patch(_ id: String, _ operations: [IAM.PatchOperation]) async throws(DatabricksError) {
        let request = IAM.PatchRequest(schemas: [IAM.PatchRequest.schema], operations: operations)
        let _: AnyAnswer = try await self.client.call(.patch, self.path(id), body: request, isRepeatable: false)
    }

    /// Removes a service principal from the workspace.
    public func delete(_ id: String) async throws(DatabricksError) {
        let _: AnyAnswer = try await self.client.call(.delete, self.path(id))
    }

    private func complete(_ principal: IAM.ServicePrincipal) -> IAM.ServicePrincipal {
        var principal = principal
        principal.schemas = principal.schemas ?? [IAM.ServicePrincipal.schema]
        return principal
    }
}
