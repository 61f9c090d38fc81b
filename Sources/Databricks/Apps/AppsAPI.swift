//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An app whose compute is changing its state.
public typealias PendingApp = PendingResult<Apps.App, Apps.App>

/// Databricks Apps: programs that run beside their data.
///
/// Waits have a limit of 20 minutes unless another is given. Source: the Apps API (`/api/2.0/apps`).
public struct AppsAPI: Sendable {
    static let root = "/api/2.0/apps"

    let client: APIClient

    /// The path of an app, or of a part of it.
    func path(_ name: String, _ rest: String = "") throws(DatabricksError) -> String {
        "\(Self.root)/\(try APIClient.path(ofName: name, allowsSlash: false))\(rest)"
    }

    /// An app by its name.
    public func get(_ name: String) async throws(DatabricksError) -> Apps.App {
        try await self.client.call(.get, self.path(name))
    }

    /// All apps.
    ///
    /// - Parameters:
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    ///   - space: Only those of this space.
    public func list(pageSize: Int? = nil, space: String? = nil) -> PagedSequence<Apps.App> {
        PagedSequence { (token) async throws(DatabricksError) in
            let query = Query.page(size: pageSize, token: token) + Query.fields(("space", space))
            let page: Apps.ListAppsResponse = try await self.client.call(.get, Self.root, query: query)
            return (page.apps ?? [], page.nextPageToken)
        }
    }

    /// Begins the creation of an app with a service principal of its own.
    ///
    /// Waiting ends when its compute is `active`; without compute, when it is `stopped`.
    ///
    /// - Parameters:
    ///   - app: Its name and settings. Attaching a database makes a role named by the service principal's client id, or
    ///     reuses it.
    ///   - noCompute: Whether it is left stopped.
    /// - Throws: `conflict` for a name that is taken, also by an app that is still being deleted.
    public func create(_ app: Apps.App, noCompute: Bool? = nil) async throws(DatabricksError) -> PendingApp {
        let created: Apps.App = try await self.client.call(
            .post, Self.root, query: Query.fields(("no_compute", noCompute)), body: app, isRepeatable: false)
        return self.pending(created, until: noCompute == true ? .stopped : .active)
    }

    /// Replaces the settings of an app.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - app: All its settings: settings that are left out are cleared, resources included. See
    ///     ``createUpdate(_:to:mask:)`` for changing some.
    public func update(_ name: String, to app: Apps.App) async throws(DatabricksError) -> Apps.App {
        try await self.client.call(.patch, self.path(name), body: app, isRepeatable: false)
    }

    /// Begins a change of some settings of an app.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - app: The new values.
    ///   - mask: Which of them count.
    public func createUpdate(_ name: String, to app: Apps.App, mask: UpdateMask) async throws(DatabricksError)
        -> PendingResult<Apps.AppUpdate, Apps.AppUpdate>
    {
        let request = Apps.UpdateAppRequest(app: app, updateMask: mask.description)
        let initial: Apps.AppUpdate = try await self.client.call(
            .post, self.path(name, "/update"), body: request, isRepeatable: false)
        return PendingResult(
            initial: initial,
            work: .init(
                subject: "the change of app \(name)",
                isInitialTelling: false,
                limit: .seconds(1_200),
                sender: self.client.sender,
                refresh: { (_) async throws(DatabricksError) in try await self.getUpdate(name) },
                judge: { $0.verdict(app: name) },
                describe: { Self.words($0.status?.state?.rawValue, $0.status?.message) }
            )
        )
    }

    /// The latest change of an app that was begun by ``createUpdate(_:to:mask:)``.
    public func getUpdate(_ name: String) async throws(DatabricksError) -> Apps.AppUpdate {
        try await self.client.call(.get, self.path(name, "/update"))
    }

    /// Begins the deletion of an app.
    ///
    /// It takes the service up to 20 minutes, in which the app is still there and its name taken. Waiting ends when the
    /// app no longer exists.
    ///
    /// - Throws: `invalidRequest` while it is being deleted already.
    public func delete(_ name: String) async throws(DatabricksError) -> PendingResult<Apps.App?, Void> {
        let answer: OptionalResponse<Apps.App> = try await self.client.call(.delete, self.path(name))
        return PendingResult(
            initial: answer.resource,
            work: .init(
                subject: "the deletion of app \(name)",
                isInitialTelling: false,
                limit: .seconds(1_500),
                sender: self.client.sender,
                refresh: { (_) async throws(DatabricksError) in try await self.getIfThere(name) },
                judge: { $0 == nil ? .done(()) : .pending },
                describe: { Self.words($0?.computeStatus?.state?.rawValue, $0?.computeStatus?.message) }
            )
        )
    }

    private func getIfThere(_ name: String) async throws(DatabricksError) -> Apps.App? {
        do throws(DatabricksError) {
            return try await self.get(name)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    /// Begins to start the compute of an app, and its process when there is a deployment.
    ///
    /// Waiting ends when the compute is `active`.
    public func start(_ name: String) async throws(DatabricksError) -> PendingApp {
        let app: Apps.App = try await self.client.call(
            .post, self.path(name, "/start"), body: EmptyBody(), isRepeatable: false)
        return self.pending(app, until: .active)
    }

    /// Begins to stop an app.
    ///
    /// Waiting ends when its compute is `stopped`.
    public func stop(_ name: String) async throws(DatabricksError) -> PendingApp {
        let app: Apps.App = try await self.client.call(
            .post, self.path(name, "/stop"), body: EmptyBody(), isRepeatable: false)
        return self.pending(app, until: .stopped)
    }

    private func pending(_ initial: Apps.App, until goal: Apps.ComputeState) -> PendingApp {
        let name = initial.name
        return PendingApp(
            initial: initial,
            work: .init(
                subject: "app \(name)",
                isInitialTelling: false,
                limit: .seconds(1_200),
                sender: self.client.sender,
                refresh: { (_) async throws(DatabricksError) in try await self.get(name) },
                judge: { $0.verdict(until: goal) },
                describe: { Self.words($0.computeStatus?.state?.rawValue, $0.computeStatus?.message) }
            )
        )
    }

    /// A state and its message as text that completes "… is …".
    static func words(_ state: String?, _ message: String?) -> String {
        let message = message.map { ErrorParser.clean($0) } ?? ""
        return (state ?? "in an unknown state") + (message.isEmpty ? "" : " (\(message))")
    }
}
