//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The executor of the actors that run on a loop.
///
/// It is not the loop itself, so that the loop knows an actor's job from the job of a task that merely prefers it. Run
/// as an actor's, a task's job would first have to leave that actor, with a turn of the loop for each query.
final class LoopActorExecutor: SerialExecutor {
    /// The loop owns this executor, and an actor that runs on it keeps the loop.
    private unowned let loop: PQEventLoop

    init(loop: PQEventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) { self.loop.enqueue(ofActor: job) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Traps unless the caller runs on the loop.
    func checkIsolated() { self.loop.checkIsolated() }

    /// Whether the caller runs on the loop.
    func isIsolatingCurrentContext() -> Bool? { self.loop.isCurrent }
}
