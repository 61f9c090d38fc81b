//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PostgresAPI {
    /// An operation by its name, which stays readable after its resource was deleted.
    public func getOperation(_ name: String) async throws(DatabricksError) -> Postgres.Operation {
        try await self.get(name)
    }

    /// An operation that was started elsewhere or earlier, to wait for.
    ///
    /// - Parameters:
    ///   - name: Its name, such as `projects/p/operations/1`.
    ///   - type: The resource that it ends in.
    public func operation<Resource: Codable & Sendable>(_ name: String, endingIn type: Resource.Type)
        async throws(DatabricksError) -> LongRunningOperation<Resource>
    {
        self.operation(try await self.getOperation(name))
    }
}
