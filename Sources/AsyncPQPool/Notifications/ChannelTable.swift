//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The channels that listeners want, and those that a connection listens to.
///
/// A pure value, generic over the listener and over the caller that waits until its channel is listened to,
/// so that tests use numbers.
struct ChannelTable<Listener, Waiter> {
    /// What the connection has to do next.
    enum Step: Equatable {
        case listen(String)
        case unlisten(String)
        /// Nothing, until a listener comes or goes.
        case wait
        /// No channel is wanted.
        case close
    }

    private struct Entry {
        var listener: Listener
        /// The caller that waits for the server's answer to LISTEN.
        var waiter: Waiter?
        /// Whether notifications may have been missed since it began to listen.
        var isInterrupted = false
    }

    private var channels: [ExactText: [UInt64: Entry]] = [:]
    private var registered: Set<ExactText> = []

    /// Whether any listener is there.
    var isEmpty: Bool { self.channels.isEmpty }

    mutating func add(_ id: UInt64, to channel: String, _ listener: Listener, _ waiter: Waiter) -> Waiter? {
        let channel = ExactText(channel)
        let isRegistered = self.registered.contains(channel)
        self.channels[channel, default: [:]][id] = Entry(listener: listener, waiter: isRegistered ? nil : waiter)
        return isRegistered ? waiter : nil
    }

    /// Removes a listener; returns the caller that waits for it.
    mutating func remove(_ id: UInt64, from channel: String) -> Waiter? {
        let channel = ExactText(channel)
        let entry = self.channels[channel]?.removeValue(forKey: id)
        if self.channels[channel]?.isEmpty == true { self.channels[channel] = nil }
        return entry?.waiter
    }

    /// What the connection has to do next.
    var next: Step {
        if self.channels.isEmpty { return .close }
        if let missing = self.channels.keys.filter({ !self.registered.contains($0) }).min() {
            return .listen(missing.text)
        }
        if let extra = self.registered.filter({ self.channels[$0] == nil }).min() { return .unlisten(extra.text) }
        return .wait
    }

    /// The server listens to a channel now; returns the waiting callers, and the listeners to tell of an interruption.
    mutating func didListen(to channel: String) -> (waiters: [Waiter], interrupted: [Listener]) {
        let channel = ExactText(channel)
        self.registered.insert(channel)
        var (waiters, interrupted) = ([Waiter](), [Listener]())
        for (id, entry) in self.channels[channel] ?? [:] {
            if let waiter = entry.waiter { waiters.append(waiter) }
            if entry.isInterrupted { interrupted.append(entry.listener) }
            self.channels[channel]?[id]?.waiter = nil
            self.channels[channel]?[id]?.isInterrupted = false
        }
        return (waiters, interrupted)
    }

    mutating func didUnlisten(_ channel: String) { self.registered.remove(ExactText(channel)) }

    /// The server refuses to listen to a channel; removes its listeners and returns them.
    mutating func refused(_ channel: String) -> (waiters: [Waiter], listeners: [Listener]) {
        let entries = self.channels.removeValue(forKey: ExactText(channel)).map { Array($0.values) } ?? []
        return (entries.compactMap(\.waiter), entries.map(\.listener))
    }

    /// The connection is gone.
    mutating func didDisconnect() {
        self.registered.removeAll()
        for (channel, entries) in self.channels {
            for (id, entry) in entries where entry.waiter == nil { self.channels[channel]?[id]?.isInterrupted = true }
        }
    }

    func listeners(of channel: String) -> [Listener] {
        (self.channels[ExactText(channel)] ?? [:]).values.map(\.listener)
    }

    /// Removes all listeners and returns them.
    mutating func removeAll() -> (waiters: [Waiter], listeners: [Listener]) {
        defer {
            self.channels.removeAll()
            self.registered.removeAll()
        }
        let entries = self.channels.values.flatMap(\.values)
        return (entries.compactMap(\.waiter), entries.map(\.listener))
    }
}
