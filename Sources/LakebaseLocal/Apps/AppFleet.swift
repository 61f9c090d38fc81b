//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalGround
import Synchronization

/// All apps of a workspace that can have processes, by name.
final class AppFleet: Sendable {
    private struct State {
        var hosts: [String: AppSupervisor] = [:]
        var ends: [String: AsyncPromise<Bool>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let added: AsyncStream<(AppSupervisor, AsyncPromise<Bool>)>
    private let continuation: AsyncStream<(AppSupervisor, AsyncPromise<Bool>)>.Continuation
    private let end = AsyncPromise<Bool>()

    init() { (self.added, self.continuation) = AsyncStream.makeStream(of: (AppSupervisor, AsyncPromise<Bool>).self) }

    /// The supervisor of an app.
    func host(_ name: String) -> AppSupervisor? { self.state.withLock { $0.hosts[name] } }

    /// Adds an app and runs it; `nil` when all apps are being ended.
    func add(_ host: AppSupervisor) -> AppSupervisor? {
        self.state.withLock { state in
            guard !state.isClosed else { return nil }
            if let known = state.hosts[host.name] { return known }
            state.hosts[host.name] = host
            let end = AsyncPromise<Bool>()
            state.ends[host.name] = end
            self.continuation.yield((host, end))
            return host
        }
    }

    /// Ends the processes of an app and forgets it; returns when they have ended.
    func remove(_ name: String) async {
        let (host, end, isClosed) = self.state.withLock { state in
            (state.hosts.removeValue(forKey: name), state.ends.removeValue(forKey: name), state.isClosed)
        }
        // One that was never begun would not end either.
        guard let host, let end, !isClosed else { return }
        host.close()
        _ = try? await end.value()
    }

    /// Ends all processes; returns when they have ended.
    func shutDown() async {
        self.state.withLock { $0.isClosed = true }
        self.continuation.finish()
        _ = try? await self.end.value()
    }

    /// Runs every app that is added, until the task is cancelled or ``shutDown()`` is called, and until all processes
    /// have ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await (host, end) in self.added {
                group.addTask {
                    await host.run()
                    end.succeed(true)
                }
            }
            self.state.withLock { state in
                state.isClosed = true
                for host in state.hosts.values { host.close() }
            }
        }
        self.end.succeed(true)
    }
}
