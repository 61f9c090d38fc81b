//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Lakebase Autoscaling: projects, branches, endpoints and their credentials.
public struct PostgresAPI: Sendable {
    private static let root = "/api/2.0/postgres"

    let client: APIClient

    // MARK: Projects

    /// A project by its name, `projects/{project}`.
    public func getProject(_ name: String) async throws(DatabricksError) -> Postgres.Project {
        try await self.get(name)
    }

    /// All projects.
    public func listProjects(pageSize: Int? = nil) -> PagedSequence<Postgres.Project> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListProjectsResponse = try await self.page("projects", pageSize, token)
            return (page.projects ?? [], page.nextPageToken)
        }
    }

    // MARK: Branches

    /// A branch by its name, `projects/{project}/branches/{branch}`.
    public func getBranch(_ name: String) async throws(DatabricksError) -> Postgres.Branch {
        try await self.get(name)
    }

    /// The branches of a project.
    ///
    /// - Parameters:
    ///   - parent: `projects/{project}`.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listBranches(parent: String, pageSize: Int? = nil) -> PagedSequence<Postgres.Branch> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListBranchesResponse = try await self.page("\(parent)/branches", pageSize, token)
            return (page.branches ?? [], page.nextPageToken)
        }
    }

    // MARK: Endpoints

    /// An endpoint by its name, `projects/{project}/branches/{branch}/endpoints/{endpoint}`.
    public func getEndpoint(_ name: String) async throws(DatabricksError) -> Postgres.Endpoint {
        try await self.get(name)
    }

    /// The endpoints of a branch.
    ///
    /// - Parameters:
    ///   - parent: `projects/{project}/branches/{branch}`.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listEndpoints(parent: String, pageSize: Int? = nil) -> PagedSequence<Postgres.Endpoint> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListEndpointsResponse = try await self.page("\(parent)/endpoints", pageSize, token)
            return (page.endpoints ?? [], page.nextPageToken)
        }
    }

    // MARK: Operations

    /// An operation by its name, which stays readable after its resource is gone.
    public func getOperation(_ name: String) async throws(DatabricksError) -> Postgres.Operation {
        try await self.get(name)
    }

    // MARK: Credentials

    /// Makes a password for logins to an endpoint.
    ///
    /// - Parameters:
    ///   - endpoint: The full name of the endpoint.
    ///   - ttl: How long it is to live: 300 to 3,600 seconds; an hour when neither this nor a time is given.
    ///   - expireTime: When it is to end. Excludes a life.
    ///   - claims: What it is restricted to.
    /// - Returns: A credential whose end lies ahead.
    public func generateDatabaseCredential(
        endpoint: String,
        ttl: Duration? = nil,
        expireTime: Date? = nil,
        claims: [Postgres.RequestedClaims]? = nil
    ) async throws(DatabricksError) -> Postgres.DatabaseCredential {
        let request = Postgres.GenerateDatabaseCredentialRequest(
            endpoint: endpoint, ttl: ttl.map { ProtobufDuration($0) }, expireTime: expireTime, claims: claims
        )
        let path = Self.root + "/credentials"
        let answer: CredentialAnswer = try await self.client.call(.post, path, body: request, isRepeatable: true)
        let (token, end) = try answer.checked(time: "expire_time", now: self.client.now(), operation: "POST \(path)")
        return Postgres.DatabaseCredential(token: token, expireTime: end)
    }

    // MARK: Common

    private func get<Resource: Decodable>(_ name: String) async throws(DatabricksError) -> Resource {
        try await self.client.call(.get, "\(Self.root)/\(APIClient.path(ofName: name))")
    }

    private func page<Page: Decodable>(
        _ collection: String, _ size: Int?, _ token: String?
    ) async throws(DatabricksError) -> Page {
        try await self.client.call(
            .get, "\(Self.root)/\(APIClient.path(ofName: collection))",
            query: PageQuery.fields(size: size, token: token)
        )
    }
}
