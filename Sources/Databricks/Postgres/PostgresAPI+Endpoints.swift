//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PostgresAPI {
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
            let page: Postgres.ListEndpointsResponse = try await self.page(
                "\(parent)/endpoints", Query.page(size: pageSize, token: token))
            return (page.endpoints ?? [], page.nextPageToken)
        }
    }

    /// Begins the creation of an endpoint.
    ///
    /// - Parameters:
    ///   - endpoint: Its `spec`, with a type: one read-write endpoint for each branch, any number of read-only ones.
    ///   - id: 1 to 63 lowercase letters, digits and hyphens, a letter first.
    ///   - parent: `projects/{project}/branches/{branch}`.
    ///   - replaceExisting: Whether an existing endpoint with this id is replaced.
    /// - Throws: `conflict` for an id that is taken on the branch.
    public func createEndpoint(
        _ endpoint: Postgres.Endpoint, id: String, parent: String, replaceExisting: Bool? = nil
    ) async throws(DatabricksError) -> LongRunningOperation<Postgres.Endpoint> {
        try await self.create(
            endpoint, in: "\(parent)/endpoints",
            Query.fields(("endpoint_id", id), ("replace_existing", replaceExisting)))
    }

    /// Begins a change of an endpoint.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}/branches/{branch}/endpoints/{endpoint}`.
    ///   - endpoint: The new values, in its `spec`.
    ///   - mask: Which of them count, such as `["spec.autoscaling_limit_max_cu"]`.
    public func updateEndpoint(_ name: String, to endpoint: Postgres.Endpoint, mask: UpdateMask)
        async throws(DatabricksError) -> LongRunningOperation<Postgres.Endpoint>
    {
        try await self.update(name, to: endpoint, mask)
    }

    /// Begins the deletion of an endpoint.
    ///
    /// - Throws: `invalidRequest` for the read-write endpoint; `conflict` for an endpoint that is still changing, see
    ///   ``endpointSettling(_:)``.
    public func deleteEndpoint(_ name: String) async throws(DatabricksError) -> LongRunningOperation<Void> {
        try await self.delete(name)
    }

    /// Waits for the rest of an endpoint's change after its operation is done.
    ///
    /// Until then the service refuses further changes. The end has come when the endpoint has no `pendingState`. The
    /// wait has a limit of 20 minutes unless another is given.
    public func endpointSettling(_ name: String) async throws(DatabricksError)
        -> PendingResult<Postgres.Endpoint, Postgres.Endpoint>
    {
        PendingResult(
            initial: try await self.getEndpoint(name),
            work: .init(
                subject: name,
                isInitialTelling: true,
                limit: .seconds(1_200),
                sender: self.client.sender,
                refresh: { (_) async throws(DatabricksError) in try await self.getEndpoint(name) },
                judge: { $0.status?.pendingState == nil ? .done($0) : .pending },
                describe: { "still changing to \($0.status?.pendingState?.rawValue ?? "another state")" }
            )
        )
    }
}
