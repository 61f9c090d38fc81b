//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Lakebase Autoscaling: projects with branches, and their endpoints, roles, databases and credentials.
///
/// Names are whole paths such as `projects/p/branches/b/endpoints/e`; ids are their last parts. What creates, changes
/// or deletes something returns a ``LongRunningOperation`` at once and continues at the service. Source: the Postgres
/// API (`/api/2.0/postgres`), which is in beta.
public struct PostgresAPI: Sendable {
    static let root = "/api/2.0/postgres"

    let client: APIClient

    /// The path of a resource or collection.
    private func path(_ name: String) throws(DatabricksError) -> String {
        "\(Self.root)/\(try APIClient.path(ofName: name))"
    }

    func get<Resource: Decodable>(_ name: String) async throws(DatabricksError) -> Resource {
        try await self.client.call(.get, self.path(name))
    }

    func page<Page: Decodable>(
        _ collection: String, _ query: [(name: String, value: String)]
    ) async throws(DatabricksError) -> Page {
        try await self.client.call(.get, self.path(collection), query: query)
    }

    /// Begins the creation of a resource in a collection.
    func create<Resource: Codable & Sendable>(
        _ resource: Resource, in collection: String, _ query: [(name: String, value: String)]
    ) async throws(DatabricksError) -> LongRunningOperation<Resource> {
        self.operation(
            try await self.client.call(
                .post, self.path(collection), query: query, body: resource, isRepeatable: false))
    }

    /// Begins a change of a resource.
    func update<Resource: Codable & Sendable>(
        _ name: String, to resource: Resource, _ mask: UpdateMask
    ) async throws(DatabricksError) -> LongRunningOperation<Resource> {
        self.operation(
            try await self.client.call(
                .patch, self.path(name), query: Query.fields(("update_mask", mask)), body: resource,
                isRepeatable: false))
    }

    /// Begins the deletion of a resource.
    func delete(_ name: String, _ query: [(name: String, value: String)] = []) async throws(DatabricksError)
        -> LongRunningOperation<Void>
    {
        let operation: Postgres.Operation = try await self.client.call(.delete, self.path(name), query: query)
        // The service answers an empty message; a missing result would do no harm.
        return self.handle(operation) { _ in () }
    }

    /// Begins to restore a deleted resource.
    func undelete<Resource: Codable & Sendable>(_ name: String) async throws(DatabricksError)
        -> LongRunningOperation<Resource>
    {
        self.operation(
            try await self.client.call(
                .post, self.path(name + "/undelete"), body: EmptyBody(), isRepeatable: false))
    }

    /// An operation that ends in a resource.
    func operation<Resource: Decodable & Sendable>(_ initial: Postgres.Operation) -> LongRunningOperation<Resource> {
        self.handle(initial) { $0?.decoded() }
    }

    private func handle<Value: Sendable>(
        _ initial: Postgres.Operation, _ read: @escaping @Sendable (JSONValue?) -> Value?
    ) -> LongRunningOperation<Value> {
        LongRunningOperation(
            initial: initial,
            work: .init(
                subject: initial.name,
                isInitialTelling: true,
                limit: nil,
                sender: self.client.sender,
                refresh: { (state) async throws(DatabricksError) in try await self.getOperation(state.name) },
                judge: { $0.verdict(read) },
                describe: { _ in "not done" }
            )
        )
    }
}
