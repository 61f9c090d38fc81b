//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One thread around epoll (kqueue on Apple systems) that runs connections and the tasks that use them.
///
/// Connections are actors on it. It is a `TaskExecutor` too: a task that prefers it runs its non-isolated code on the same
/// thread, so its queries never change threads. That is where most of the speed is:
///
/// ```swift
/// try await withTaskExecutorPreference(connection.eventLoop) {
///     for id in ids { _ = try await connection.query("SELECT name FROM users WHERE id = \(id)") }
/// }
/// ```
///
/// Never block on a loop: every connection on it waits meanwhile.
///
/// An actor of your own runs on a loop with `loop.asUnownedSerialExecutor()` as its `unownedExecutor`, if it keeps the loop.
///
/// `@unchecked Sendable`: `inbox`, `thread` and `poller`'s wake-up may be used from any thread and are synchronised by
/// themselves; `local` and everything else are touched on the loop's own thread only, which every entry checks.
public final class PQEventLoop: TaskExecutor, @unchecked Sendable {
    /// A job, and the kind of executor that runs it.
    private enum Job {
        case ofActor(UnownedJob)
        case ofTask(UnownedJob)
    }

    private enum Message {
        case job(Job)
        case cancel(token: SocketTable.Token, ticket: UInt64)
        case call(@Sendable () -> Void)
        case stop
    }

    private struct Inbox {
        var messages: [Message] = []
        /// Whether the thread is, or is about to be, in the poller without looking at the inbox first.
        var sleeps = false
    }

    /// State that only the loop's thread uses.
    private final class Local {
        var jobs: [Job] = []
        var running: [Job] = []
        var received: [Message] = []
        /// Sockets that are treated as readable in the next turn.
        var revisited: [SocketTable.Token] = []
        /// What to do when the ready jobs have run.
        var turnEnds: [any TurnEndHandler] = []
        var sockets = SocketTable()
        var owners = DescriptorOwners()
        var deadlines = DeadlineHeap()
        var stopped = false
        /// Whether nothing came from other threads when last looked, so that they know to wake this one.
        var maySleep = false
    }

    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)
    private let poller: Poller
    private let local = Local()
    /// Set by the initializer, before the loop is shared.
    private var actorExecutor: LoopActorExecutor?

    /// A label for logs and thread names.
    public let name: String

    /// Starts a loop with a thread of its own, which runs until ``stop()``.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/system`` when the system has no descriptor or thread left.
    public init(name: String = "pq-loop") throws(PQError) {
        self.name = name
        self.poller = try Poller()
        self.actorExecutor = LoopActorExecutor(loop: self)
        try DetachedThread.start { self.run() }
    }

    /// Ends the thread.
    ///
    /// Only for a loop whose connections are closed: whatever is left on it never runs again.
    public func stop() { self.post(.stop) }

    // MARK: Executor

    /// Queues a job of a task that prefers this loop.
    public func enqueue(_ job: consuming ExecutorJob) { self.enqueue(.ofTask(UnownedJob(job))) }

    func enqueue(ofActor job: consuming ExecutorJob) { self.enqueue(.ofActor(UnownedJob(job))) }

    /// Queues a job: without a lock from the loop itself, through the inbox from elsewhere.
    private func enqueue(_ job: Job) {
        if self.isCurrent {
            self.local.jobs.append(job)
        } else {
            self.post(.job(job))
        }
    }

    /// This loop as the executor of an actor, which has to keep the loop alive.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        guard let actorExecutor else { preconditionFailure("the event loop \(self.name) is not set up") }
        return UnownedSerialExecutor(ordinary: actorExecutor)
    }

    /// This loop as the preference of a task.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    /// Traps unless the caller runs on this loop.
    func checkIsolated() {
        precondition(self.isCurrent, "not on event loop \(self.name)")
    }

    /// Whether the calling thread is the loop's.
    package var isCurrent: Bool { self.thread.load(ordering: .relaxed) == currentThread() }

    private func post(_ message: Message) {
        let wake = self.inbox.withLock { inbox in
            inbox.messages.append(message)
            defer { inbox.sleeps = false }
            return inbox.sleeps
        }
        if wake { self.poller.wakeUp() }
    }

    // MARK: Sockets (on the loop only)

    /// The loop's token for a socket, which it registers if needed.
    @discardableResult
    func register(_ source: SocketSource) -> SocketTable.Token {
        self.checkIsolated()
        return source.token ?? self.local.sockets.insert(source)
    }

    func remove(_ source: SocketSource) {
        self.checkIsolated()
        if let token = source.token, self.local.owners.release(source.descriptor, of: token) {
            self.poller.forget(source.descriptor)
        }
        self.local.sockets.remove(source)
        source.descriptor = -1
        source.armed = nil
        source.isRevisited = false
        self.wake(source, .cancelled)
    }

    /// Watches for reading always, for writing while `write` is set.
    func watch(_ source: SocketSource, descriptor: Int32, read: Bool = true, write: Bool) {
        let token = self.register(source)
        // libpq has closed the socket of a connection that is lost.
        guard descriptor >= 0 else { return }
        // libpq closes a socket before it goes on with another one.
        if source.descriptor != descriptor { self.local.owners.release(source.descriptor, of: token) }
        source.descriptor = descriptor
        source.isSilenced = false
        self.local.owners.take(descriptor, for: token)
        self.poller.watch(descriptor, read: read, write: write, token: token.bits)
    }

    /// Stops watching the socket, which is not to be read, until it is watched again.
    func silence(_ source: SocketSource) {
        self.checkIsolated()
        guard !source.isSilenced, let token = source.token,
            self.local.owners.release(source.descriptor, of: token)
        else { return }
        self.poller.forget(source.descriptor)
        source.isSilenced = true
    }

    /// Treats the socket as readable in the next turn, after the others have had theirs.
    ///
    /// For bytes that were taken from the system and are still to be read.
    func revisit(_ source: SocketSource) {
        self.checkIsolated()
        guard !source.isRevisited, let token = source.token else { return }
        source.isRevisited = true
        self.local.revisited.append(token)
    }

    /// Parks `waiter` until the socket is ready, its time is over or `source.ticket` is cancelled.
    func park(_ waiter: UnsafeContinuation<SocketWake, Never>, on source: SocketSource) {
        if source.cancelledTicket == source.ticket {
            source.cancelledTicket = nil
            waiter.resume(returning: .cancelled)
            return
        }
        guard source.descriptor >= 0, !source.isLost else {
            waiter.resume(returning: .ready)
            return
        }
        source.waiter = waiter
    }

    /// Parks `waiter` on a source without a socket, until ``cancelWait(token:ticket:)`` or the deadline.
    func park(
        _ waiter: UnsafeContinuation<SocketWake, Never>, untilCancelledOn source: SocketSource,
        or deadline: ContinuousClock.Instant
    ) {
        guard source.cancelledTicket != source.ticket else { return waiter.resume(returning: .cancelled) }
        source.waiter = waiter
        self.expire(source, at: deadline)
    }

    /// Ends the current wait of the source at `deadline`; does nothing if it does not wait.
    func expire(_ source: SocketSource, at deadline: ContinuousClock.Instant) {
        guard source.waiter != nil else { return }
        source.deadline = (deadline, source.ticket)
        self.arm(source)
    }

    /// Puts a socket among the deadlines, unless it is there already for an earlier time: then it is looked at again.
    ///
    /// So a socket has few entries, however many of its waits have a deadline.
    private func arm(_ source: SocketSource) {
        let waits = source.deadline.flatMap { $0.ticket == source.ticket ? $0.instant : nil }
        guard let next = [waits, source.cancelsAt].compactMap(\.self).min(), let token = source.token else { return }
        if let armed = source.armed, armed <= next { return }
        source.armed = next
        self.local.deadlines.insert(.init(deadline: next, token: token))
    }

    /// Cancels the series of waits of the socket at a time, as the end of its task would; nil: not any more.
    func cancelWaits(of source: SocketSource, at time: ContinuousClock.Instant?) {
        self.checkIsolated()
        source.cancelsAt = time
        source.wasCancelledByTime = false
        if time != nil { self.arm(source) }
    }

    /// How many deadlines the loop keeps.
    var deadlineCount: Int { self.local.deadlines.count }

    private func cancel(_ source: SocketSource) {
        if source.waiter != nil { self.wake(source, .cancelled) } else { source.cancelledTicket = source.ticket }
    }

    /// Ends the wait of `ticket`, now or when it begins.
    ///
    /// From any thread.
    func cancelWait(token: SocketTable.Token, ticket: UInt64) {
        self.post(.cancel(token: token, ticket: ticket))
    }

    /// Calls `body` on the loop, after what was posted to it before.
    ///
    /// From any thread.
    func execute(_ body: @escaping @Sendable () -> Void) { self.post(.call(body)) }

    /// Calls `handler` once when the jobs that are ready have run.
    func atEndOfTurn(_ handler: any TurnEndHandler) {
        self.checkIsolated()
        self.local.turnEnds.append(handler)
    }

    private func wake(_ source: SocketSource, _ reason: SocketWake) {
        guard let waiter = source.waiter else { return }
        source.waiter = nil
        waiter.resume(returning: reason)
    }

    // MARK: The thread

    private func run() {
        self.thread.store(currentThread(), ordering: .relaxed)
        while !self.local.stopped {
            self.runJobs()
            self.endTurn()
            self.receive()
            guard !self.local.stopped else { break }
            self.poll()
            self.expireDeadlines()
        }
    }

    private func runJobs() {
        swap(&self.local.jobs, &self.local.running)
        let serial = self.asUnownedSerialExecutor()
        let task = self.asUnownedTaskExecutor()
        for job in self.local.running {
            switch job {
            case .ofTask(let job): job.runSynchronously(on: task)
            case .ofActor(let job): job.runSynchronously(isolatedTo: serial, taskExecutor: task)
            }
        }
        self.local.running.removeAll(keepingCapacity: true)
    }

    private func endTurn() {
        guard !self.local.turnEnds.isEmpty else { return }
        let handlers = self.local.turnEnds
        self.local.turnEnds.removeAll(keepingCapacity: true)
        for handler in handlers { handler.turnEnded() }
    }

    /// Takes the jobs that other threads sent, and decides under the same lock whether the thread may sleep.
    private func receive() {
        let idle = self.local.jobs.isEmpty && self.local.revisited.isEmpty && self.local.turnEnds.isEmpty
        self.inbox.withLock { inbox in
            swap(&inbox.messages, &self.local.received)
            inbox.sleeps = idle && self.local.received.isEmpty
            self.local.maySleep = inbox.sleeps
        }
        for message in self.local.received {
            switch message {
            case .job(let job):
                self.local.jobs.append(job)
            case .cancel(let token, let ticket):
                guard let source = self.local.sockets[token], source.ticket == ticket else { continue }
                self.cancel(source)
            case .call(let body):
                body()
            case .stop:
                self.local.stopped = true
            }
        }
        self.local.received.removeAll(keepingCapacity: true)
    }

    private func poll() {
        let revisited = self.local.revisited
        self.poller.wait(milliseconds: self.pollLimit()) { event in
            self.noteReadiness(of: .init(bits: event.token), isReadable: event.readable)
        }
        self.inbox.withLock { $0.sleeps = false }
        guard !revisited.isEmpty else { return }
        self.local.revisited.removeFirst(revisited.count)
        for token in revisited {
            self.local.sockets[token]?.isRevisited = false
            self.noteReadiness(of: token, isReadable: true)
        }
    }

    private func noteReadiness(of token: SocketTable.Token, isReadable: Bool) {
        guard let source = self.local.sockets[token] else { return }
        if source.waiter != nil {
            self.wake(source, .ready)
        } else if isReadable || source.reportsWritable {
            source.onUnawaitedReadiness()
        }
    }

    private func pollLimit() -> Int32 {
        // A message may have led to no job; sleeping on it now would miss the next one.
        guard self.local.maySleep else { return 0 }
        guard !self.local.deadlines.isEmpty, let earliest = self.local.deadlines.earliest else { return -1 }
        let remaining = ContinuousClock.now.duration(to: earliest)
        guard remaining > .zero else { return 0 }
        // Rounded up, so that the loop does not spin through the last millisecond.
        return remaining.pollMilliseconds
    }

    private func expireDeadlines() {
        guard !self.local.deadlines.isEmpty else { return }
        let now = ContinuousClock.now
        while let entry = self.local.deadlines.popExpired(now: now) {
            guard let source = self.local.sockets[entry.token] else { continue }
            if source.armed == entry.deadline { source.armed = nil }
            if let time = source.cancelsAt, time <= now {
                source.cancelsAt = nil
                source.wasCancelledByTime = true
                self.cancel(source)
            } else if let deadline = source.deadline, deadline.ticket == source.ticket, deadline.instant <= now {
                source.deadline = nil
                self.wake(source, .timedOut)
            }
            self.arm(source)
        }
    }
}

extension PQEventLoop: CustomReflectable {
    /// The name: everything else belongs to the loop's thread, and `dump` of whatever holds a loop comes from others.
    public var customMirror: Mirror { Mirror(self, children: ["name": self.name]) }
}

/// The calling thread, as a number that is never 0.
@inline(__always)
private func currentThread() -> UInt {
    #if canImport(Darwin)
    UInt(bitPattern: pthread_self())
    #else
    UInt(pthread_self())
    #endif
}
