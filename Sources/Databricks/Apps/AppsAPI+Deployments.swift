//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension AppsAPI {
    /// Begins to run a version of an app's source.
    ///
    /// Waiting ends when it runs. Given up and failed deployments are errors with the service's words.
    ///
    /// - Parameters:
    ///   - deployment: The source, and what differs from its `app.yaml`.
    ///   - name: The name of the app, whose compute has to be active.
    /// - Throws: An error while another deployment of the app is in progress.
    public func deploy(_ deployment: Apps.Deployment, to name: String) async throws(DatabricksError)
        -> PendingResult<Apps.Deployment, Apps.Deployment>
    {
        let path = try self.path(name, "/deployments")
        let initial: Apps.Deployment = try await self.client.call(.post, path, body: deployment, isRepeatable: false)
        guard let id = initial.deploymentID else {
            throw DatabricksError(
                code: .invalidResponse, message: "the answer has no 'deployment_id'", operation: "POST \(path)")
        }
        return PendingResult(
            initial: initial,
            work: .init(
                subject: "deployment \(id) of app \(name)",
                isInitialTelling: false,
                limit: .seconds(1_200),
                sender: self.client.sender,
                refresh: { (_) async throws(DatabricksError) in try await self.getDeployment(id, of: name) },
                judge: { $0.verdict(app: name) },
                describe: { Self.words($0.status?.state?.rawValue, $0.status?.message) }
            )
        )
    }

    /// A deployment by its id.
    public func getDeployment(_ id: String, of name: String) async throws(DatabricksError) -> Apps.Deployment {
        let id = try APIClient.path(ofName: id, allowsSlash: false)
        return try await self.client.call(.get, self.path(name, "/deployments/\(id)"))
    }

    /// The deployments of an app.
    ///
    /// - Parameters:
    ///   - name: The name of the app.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listDeployments(of name: String, pageSize: Int? = nil) -> PagedSequence<Apps.Deployment> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Apps.ListDeploymentsResponse = try await self.client.call(
                .get, self.path(name, "/deployments"), query: Query.page(size: pageSize, token: token))
            return (page.deployments ?? [], page.nextPageToken)
        }
    }
}
