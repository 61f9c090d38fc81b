//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import Logging
import Synchronization

/// The computes of all branches, by the branch's uid.
package final class ComputeFleet: Sendable {
    private struct State {
        var computes: [String: Compute] = [:]
        var isClosed = false
    }
    private let state = Mutex(State())
    private let added: AsyncStream<Compute>
    private let continuation: AsyncStream<Compute>.Continuation

    package init() { (self.added, self.continuation) = AsyncStream.makeStream(of: Compute.self) }

    /// The compute of a branch.
    package func compute(of uid: String) -> Compute? { self.state.withLock { $0.computes[uid] } }

    /// All of them.
    package var all: [String: Compute] { self.state.withLock { $0.computes } }

    /// Adds and runs a branch's compute, unless there is one.
    @discardableResult
    package func add(_ uid: String, make: () -> Compute) -> Compute? {
        let (compute, isNew) = self.state.withLock { state -> (Compute?, Bool) in
            if let known = state.computes[uid] { return (known, false) }
            if state.isClosed { return (nil, false) }
            let made = make()
            state.computes[uid] = made
            return (made, true)
        }
        if isNew, let compute { self.continuation.yield(compute) }
        return compute
    }

    /// Stops a branch's compute and forgets it; returns when its server has ended.
    package func remove(_ uid: String) async {
        guard let compute = self.state.withLock({ $0.computes.removeValue(forKey: uid) }) else { return }
        await compute.shutdown()
        await compute.wait(for: .stopped)
    }

    /// Runs every compute that is added, until the task is cancelled and all have stopped.
    package func run() async {
        await withDiscardingTaskGroup { group in
            // Ends with the stream, or with the task.
            for await compute in self.added {
                group.addTask { await compute.run() }
            }
            self.state.withLock { $0.isClosed = true }
            // A compute that came in the last moment has to be told as well.
            group.cancelAll()
        }
    }
}
