//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// The clients' cancel keys, the cancel requests that are being delivered, and those that wait; a value.
///
/// No request for a session is lost: it is sent at once, together with the session's waiting one, or after the one that
/// is being delivered. So there are at most two for each session, and the number of sessions bounds them all.
struct CancelSchedule {
    /// A number that identifies one request.
    typealias Ticket = UInt64

    /// One request to send to an upstream, for all of its tickets.
    struct Run: Sendable {
        let key: CancelKey
        let target: CancelTarget
        let tickets: [Ticket]
        fileprivate let session: UInt64
    }

    /// How a request is answered.
    enum Answer {
        /// No session has the key.
        case unknown

        /// The request is sent now; ``finish(_:now:)`` follows.
        case run(Run)

        /// The request is sent later, unless its session ends first.
        case waits
    }

    /// The consequences of the end of a request.
    struct Sequel {
        /// Requests that ended without being sent.
        var dropped: [Ticket] = []

        /// Requests to send now.
        var runs: [Run] = []
    }

    private struct Waiting {
        var tickets: [Ticket]

        /// When the first of them arrived.
        var since: NIODeadline
    }

    private enum Stage {
        case idle
        case queued(Waiting)

        /// A request is being delivered. The server may have acted on it already, so a new one is sent after it.
        case running(next: Waiting?)
    }

    private struct Session {
        let id: UInt64
        let secret: UInt32
        let target: CancelTarget
        var stage = Stage.idle
    }

    private struct Place {
        var processID: Int32
        var session: UInt64
    }

    /// The maximum number of requests that are delivered at the same time.
    let maximumConcurrency: Int

    /// How long a request may wait; after that the session may be running another statement.
    let patience: TimeAmount

    private var sessions: [Int32: [Session]] = [:]
    private var queue = CircularBuffer<Place>()
    private var running = 0
    private var lastSession: UInt64 = 0

    init(maximumConcurrency: Int, patience: TimeAmount) {
        self.maximumConcurrency = max(maximumConcurrency, 1)
        self.patience = patience
    }

    /// The number of keys.
    var count: Int { self.sessions.values.reduce(0) { $0 + $1.count } }

    /// The number of requests that are being delivered.
    var runningCount: Int { self.running }

    /// Registers a key with the upstream's process id and a secret that no other key has.
    mutating func register(_ target: CancelTarget, using generator: inout some RandomNumberGenerator) -> CancelKey {
        let processID = target.key.processID
        var secret: UInt32 = generator.next()
        while self.sessions[processID, default: []].contains(where: { $0.secret == secret }) {
            secret = generator.next()
        }
        self.lastSession += 1
        self.sessions[processID, default: []].append(
            Session(id: self.lastSession, secret: secret, target: target)
        )
        return CancelKey(processID: processID, secret: secret)
    }

    /// Removes a key at the end of its session, with the requests that wait to cancel it.
    mutating func remove(_ key: CancelKey) -> [Ticket] {
        guard let index = self.index(of: key), let session = self.sessions[key.processID]?.remove(at: index) else {
            return []
        }
        if self.sessions[key.processID]?.isEmpty == true { self.sessions[key.processID] = nil }
        switch session.stage {
        case .idle: return []
        case .queued(let waiting):
            self.queue.removeAll { $0.session == session.id }
            return waiting.tickets
        case .running(let next): return next?.tickets ?? []
        }
    }

    /// Handles a request with a key that a client presents.
    mutating func request(_ key: CancelKey, ticket: Ticket, now: NIODeadline) -> Answer {
        guard let index = self.index(of: key), let session = self.sessions[key.processID]?[index] else {
            return .unknown
        }
        let stage: Stage
        switch session.stage {
        case .idle where self.running < self.maximumConcurrency:
            return .run(self.start(session, at: index, tickets: [ticket]))
        case .idle:
            self.queue.append(Place(processID: key.processID, session: session.id))
            stage = .queued(Waiting(tickets: [ticket], since: now))
        case .queued(var waiting):
            waiting.tickets.append(ticket)
            stage = .queued(waiting)
        case .running(var next):
            next = next ?? Waiting(tickets: [], since: now)
            next?.tickets.append(ticket)
            stage = .running(next: next)
        }
        self.sessions[key.processID]?[index].stage = stage
        return .waits
    }

    /// Handles the end of a delivery.
    mutating func finish(_ run: Run, now: NIODeadline) -> Sequel {
        self.running -= 1
        if let index = self.index(ofSession: run.session, run.key.processID),
            case .running(let next)? = self.sessions[run.key.processID]?[index].stage
        {
            self.sessions[run.key.processID]?[index].stage = next.map { .queued($0) } ?? .idle
            if next != nil { self.queue.append(Place(processID: run.key.processID, session: run.session)) }
        }
        var sequel = Sequel()
        while self.running < self.maximumConcurrency, let place = self.queue.popFirst() {
            guard let index = self.index(ofSession: place.session, place.processID),
                let session = self.sessions[place.processID]?[index], case .queued(let waiting) = session.stage
            else { continue }
            if now - waiting.since > self.patience {
                self.sessions[place.processID]?[index].stage = .idle
                sequel.dropped += waiting.tickets
            } else {
                sequel.runs.append(self.start(session, at: index, tickets: waiting.tickets))
            }
        }
        return sequel
    }

    private mutating func start(_ session: Session, at index: Int, tickets: [Ticket]) -> Run {
        let processID = session.target.key.processID
        self.running += 1
        self.sessions[processID]?[index].stage = .running(next: nil)
        let key = CancelKey(processID: processID, secret: session.secret)
        return Run(key: key, target: session.target, tickets: tickets, session: session.id)
    }

    private func index(ofSession id: UInt64, _ processID: Int32) -> Int? {
        self.sessions[processID]?.firstIndex { $0.id == id }
    }

    /// Compares every entry even after a match, so that the time taken reveals nothing about the secrets.
    private func index(of key: CancelKey) -> Int? {
        let entries = self.sessions[key.processID] ?? []
        var found = -1
        for index in entries.indices {
            let difference = entries[index].secret ^ key.secret
            // All ones if the secrets are equal, all zeros otherwise, without a branch.
            let mask = Int(truncatingIfNeeded: (UInt64(difference) &- 1) >> 32) & 1
            found = found &* (1 &- mask) &+ index &* mask
        }
        return found >= 0 ? found : nil
    }
}
