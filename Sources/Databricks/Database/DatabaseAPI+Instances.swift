//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An instance that is changing its state.
public typealias PendingInstance = PendingResult<Database.Instance, Database.Instance>

extension DatabaseAPI {
    /// An instance by its name.
    public func getDatabaseInstance(_ name: String) async throws(DatabricksError) -> Database.Instance {
        try await self.client.call(.get, self.path(ofInstance: name))
    }

    /// All instances.
    ///
    /// - Parameter pageSize: At most 100.
    public func listDatabaseInstances(pageSize: Int? = nil) -> PagedSequence<Database.Instance> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Database.ListInstancesResponse = try await self.client.call(
                .get, Self.root + "/instances", query: Query.page(size: pageSize, token: token)
            )
            return (page.instances ?? [], page.nextPageToken)
        }
    }

    /// An instance by its id.
    public func findDatabaseInstance(uid: String) async throws(DatabricksError) -> Database.Instance {
        try await self.client.call(.get, Self.root + "/instances:findByUid", query: [("uid", uid)])
    }

    /// Begins the creation of an instance.
    ///
    /// Waiting ends when it is `available`, within 20 minutes unless another limit is given.
    ///
    /// - Parameter instance: Its name, of 1 to 63 letters and hyphens, and its wanted settings; a parent makes it a child.
    /// - Throws: `conflict` for a name that is taken.
    public func createDatabaseInstance(_ instance: Database.Instance) async throws(DatabricksError) -> PendingInstance {
        let created: Database.Instance = try await self.client.call(
            .post, Self.root + "/instances", body: instance, isRepeatable: false)
        return self.pending(created, until: .available)
    }

    /// Changes an instance.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - instance: The new values.
    ///   - mask: Which of them count.
    /// - Returns: The instance, which may be `updating` for a while.
    public func updateDatabaseInstance(_ name: String, to instance: Database.Instance, mask: UpdateMask = .all)
        async throws(DatabricksError) -> Database.Instance
    {
        try await self.client.call(
            .patch, self.path(ofInstance: name), query: Query.fields(("update_mask", mask)), body: instance,
            isRepeatable: false)
    }

    /// Begins to start a stopped instance.
    ///
    /// Waiting ends when it is `available`, within 20 minutes unless another limit is given.
    public func startDatabaseInstance(_ name: String) async throws(DatabricksError) -> PendingInstance {
        let change = Database.Instance(name: name, stopped: false)
        return self.pending(
            try await self.updateDatabaseInstance(name, to: change, mask: ["stopped"]), until: .available)
    }

    /// Begins to stop an instance.
    ///
    /// Waiting ends when it is `stopped`, within 20 minutes unless another limit is given.
    public func stopDatabaseInstance(_ name: String) async throws(DatabricksError) -> PendingInstance {
        let change = Database.Instance(name: name, stopped: true)
        return self.pending(
            try await self.updateDatabaseInstance(name, to: change, mask: ["stopped"]), until: .stopped)
    }

    /// Deletes an instance for good.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - force: Whether its children go with it; without, an instance with children stays.
    ///   - purge: True, the only value that the service takes besides none.
    public func deleteDatabaseInstance(_ name: String, force: Bool? = nil, purge: Bool? = true)
        async throws(DatabricksError)
    {
        let _: AnyAnswer = try await self.client.call(
            .delete, self.path(ofInstance: name), query: Query.fields(("force", force), ("purge", purge)))
    }

    /// An instance whose state is changing; a deletion has no other outcome.
    private func pending(_ initial: Database.Instance, until goal: Database.InstanceState) -> PendingInstance {
        let name = initial.name
        return PendingInstance(
            initial: initial,
            work: .init(
                subject: "database instance \(name)",
                isInitialTelling: false,
                limit: .seconds(1_200),
                sender: self.client.sender,
                refresh: { (_) async throws(DatabricksError) in try await self.getDatabaseInstance(name) },
                judge: { instance in
                    if instance.state == goal { return .done(instance) }
                    guard instance.state == .deleting else { return .pending }
                    return .failed(
                        DatabricksError(code: .conflict, message: "database instance \(name) is being deleted"))
                },
                describe: { "\($0.state?.rawValue ?? "in an unknown state"), not \(goal.rawValue)" }
            )
        )
    }
}
