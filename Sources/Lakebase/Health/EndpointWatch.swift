//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// Asks the workspace for the state of an endpoint, without waking it, and not more often than needed.
actor EndpointWatch {
    struct Seen: Sendable {
        var endpoint: HealthVerdict.Endpoint
        /// The state, under the workspace's name for it.
        var state: String?
    }

    private let ask: @Sendable () async throws -> Seen
    private var latest: (seen: Seen, at: ContinuousClock.Instant)?
    private var isAsking = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// How long an answer is reused.
    static var memory: Duration { .seconds(5) }

    init(workspace: WorkspaceClient, target: TargetResolver) {
        self.init {
            switch try await target.resolved().credentialScope {
            case .endpoint(let name): Self.read(try await workspace.postgres.getEndpoint(name).status)
            case .instance(let name): Self.read(try await workspace.database.getDatabaseInstance(name))
            }
        }
    }

    init(ask: @escaping @Sendable () async throws -> Seen) { self.ask = ask }

    /// Returns the endpoint's state; concurrent callers share one request.
    func look() async -> Seen {
        while self.isAsking { await withCheckedContinuation { self.waiters.append($0) } }
        if let latest, latest.at.duration(to: .now) < Self.memory { return latest.seen }
        self.isAsking = true
        defer {
            self.isAsking = false
            for waiter in self.waiters { waiter.resume() }
            self.waiters.removeAll()
        }
        let seen: Seen
        do {
            seen = try await self.ask()
        } catch is CancellationError {
            // A cancelled request says nothing about the workspace.
            return Seen(endpoint: .unknown)
        } catch {
            seen = Seen(endpoint: .unknown)
        }
        self.latest = (seen, .now)
        return seen
    }

    static func read(_ status: Postgres.EndpointStatus?) -> Seen {
        guard let status else { return Seen(endpoint: .unknown) }
        let state = status.currentState?.rawValue
        if status.disabled == true { return Seen(endpoint: .off, state: state ?? "DISABLED") }
        return Seen(endpoint: status.currentState == .idle ? .asleep : .awake, state: state)
    }

    static func read(_ instance: Database.Instance) -> Seen {
        let isOff = instance.state == .stopped || instance.state == .deleting
        return Seen(endpoint: isOff ? .off : .awake, state: instance.state?.rawValue)
    }
}
