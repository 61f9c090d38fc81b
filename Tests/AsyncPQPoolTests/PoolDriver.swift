//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

@testable import AsyncPQPool

/// Drives a pool's machine with numbers for names, strings for connections and durations since the start for times.
struct PoolDriver {
    typealias Machine = PoolStateMachine<String>

    enum Acquired: Equatable {
        case lease(Int, check: Bool)
        case wait(connect: Int?, until: Duration)
        case reject(Machine.Rejection)
    }

    enum Returned: Equatable {
        case handOff(to: Int, check: Bool, connect: Int?)
        case share([Int], connect: Int?)
        case park(until: Duration)
        case parkInstead(of: String, until: Duration)
        case close(connect: Int?)
        case ignore
    }

    struct Lost: Equatable {
        var close: Set<String> = []
        var connect: Int?
    }

    struct Rearranged: Equatable {
        var close: Set<String> = []
        /// Connections by those who get them.
        var handOff: [Int: Int] = [:]
        var checked: Set<Int> = []
        var connect: [Int] = []
    }

    struct Ticked: Equatable {
        var close: [String] = []
        var timedOut: [Int] = []
        var connect: [Int] = []
        var next: Duration?
    }

    var machine: Machine
    let start = ContinuousClock.now
    /// The limit of each caller, counted from when it asks.
    var patience = Duration.seconds(30)

    init(_ configuration: PQPoolConfiguration = PQPoolConfiguration()) {
        self.machine = Machine(configuration: configuration)
    }

    /// Opened, idle, leased, being opened, waiting.
    var counts: [Int] {
        [
            self.machine.size, self.machine.idle.count, self.machine.leasedCount, self.machine.connectingCount,
            self.machine.waiters.count,
        ]
    }

    static func name(_ id: Int) -> String { "c\(id)" }

    mutating func acquire(_ waiter: Int, at time: Duration = .zero) -> Acquired {
        self.read(
            self.machine.acquire(
                .init(number: waiter), deadline: self.start + time + self.patience, now: self.start + time))
    }

    mutating func acquireAgain(_ waiter: Int, deadline: Duration = .seconds(30), at time: Duration = .zero) -> Acquired
    {
        self.read(
            self.machine.acquireAgain(.init(number: waiter), deadline: self.start + deadline, now: self.start + time))
    }

    mutating func cancel(_ waiter: Int) -> Bool { self.machine.cancel(.init(number: waiter)) }

    mutating func connected(
        _ id: Int, at time: Duration = .zero, retiresAt: Duration = .seconds(2700)
    ) -> Returned {
        self.read(
            self.machine.connected(
                .init(number: id), Self.name(id), retiresAt: self.start + retiresAt, now: self.start + time), id)
    }

    mutating func release(_ id: Int, reusable: Bool = true, at time: Duration = .zero) -> Returned {
        self.read(self.machine.release(.init(number: id), reusable: reusable, now: self.start + time), id)
    }

    mutating func connectFailed(_ id: Int, at time: Duration = .zero) -> [Int] {
        self.machine.connectFailed(.init(number: id), now: self.start + time).map(\.number)
    }

    mutating func lost(_ id: Int, at time: Duration = .zero) -> Lost {
        let action = self.machine.lost(.init(number: id), now: self.start + time)
        return Lost(close: Set(action.close), connect: action.connect?.number)
    }

    mutating func tick(at time: Duration = .zero) -> Ticked {
        let action = self.machine.tick(now: self.start + time)
        return Ticked(
            close: action.close, timedOut: action.timedOut.map(\.number), connect: action.connect.map(\.number),
            next: action.next.map { self.start.duration(to: $0) })
    }

    mutating func rearrange(
        at time: Duration = .zero, _ change: (inout Machine, ContinuousClock.Instant) -> Machine.Rearrangement
    ) -> Rearranged {
        let action = change(&self.machine, self.start + time)
        return Rearranged(
            close: Set(action.close),
            handOff: Dictionary(uniqueKeysWithValues: action.handOff.map { ($0.waiter.number, $0.id.number) }),
            checked: Set(action.handOff.filter(\.check).map(\.id.number)), connect: action.connect.map(\.number))
    }

    mutating func resume(at time: Duration = .zero) -> Rearranged { self.rearrange(at: time) { $0.resume(now: $1) } }

    mutating func resize(_ limits: ClosedRange<Int>, at time: Duration = .zero) -> Rearranged {
        self.rearrange(at: time) { $0.resize(minimum: limits.lowerBound, maximum: limits.upperBound, now: $1) }
    }

    /// Opens `count` connections that end up idle at `time`.
    ///
    /// - Returns: Their names.
    mutating func open(_ count: Int, at time: Duration = .zero, retiresAt: Duration = .seconds(2700)) -> [Int] {
        var open: [Int] = []
        for waiter in 0..<count {
            guard case .wait(let connect?, _) = self.acquire(-1 - waiter, at: time) else { continue }
            _ = self.connected(connect, at: time, retiresAt: retiresAt)
            open.append(connect)
        }
        for id in open { _ = self.release(id, at: time) }
        return open
    }

    private func read(_ action: Machine.AcquireAction) -> Acquired {
        switch action {
        case .lease(let id, _, let check): .lease(id.number, check: check)
        case .wait(let connect, let until):
            .wait(connect: connect?.number, until: self.start.duration(to: until))
        case .reject(let reason): .reject(reason)
        }
    }

    private func read(_ action: Machine.ReturnAction, _ id: Int) -> Returned {
        switch action {
        case .handOff(let waiter, let connection, let check, let connect):
            connection == Self.name(id)
                ? .handOff(to: waiter.number, check: check, connect: connect?.number) : .ignore
        case .park(let until): .park(until: self.start.duration(to: until))
        case .parkInstead(let old, let until): .parkInstead(of: old, until: self.start.duration(to: until))
        case .close(let connection, let connect):
            connection == Self.name(id) ? .close(connect: connect?.number) : .ignore
        case .share(let waiters, let connection, let connect):
            connection == Self.name(id) ? .share(waiters.map(\.number), connect: connect?.number) : .ignore
        case .ignore: .ignore
        }
    }
}
