//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOConcurrencyHelpers
import NIOSSL

/// Where a cancel request for a session has to go.
struct CancelTarget: Sendable {
    var upstream: PreparedTarget
    var key: CancelKey
}

/// The keys the gateway gave out, and the upstream keys they stand for.
///
/// The keys are the gateway's own, so that an upstream's key is never shown to anybody. They live as long as their session.
final class CancelRegistry: Sendable {
    private struct Entry {
        var secret: UInt32
        var target: CancelTarget
        var isBusy = false
    }

    private struct State {
        var entries: [Int32: [Entry]] = [:]
        var running = 0
    }

    private let state = NIOLockedValueBox(State())
    private let maximumConcurrency: Int

    init(maximumConcurrency: Int) { self.maximumConcurrency = maximumConcurrency }

    /// Gives out a key with the upstream's process id and a random secret.
    func register(_ target: CancelTarget) -> CancelKey {
        var generator = SystemRandomNumberGenerator()
        return self.register(target, using: &generator)
    }

    /// Gives out a key; draws again as long as a secret is taken.
    func register(_ target: CancelTarget, using generator: inout some RandomNumberGenerator) -> CancelKey {
        self.state.withLockedValue { state in
            var secret: UInt32 = generator.next()
            while state.entries[target.key.processID, default: []].contains(where: { $0.secret == secret }) {
                secret = generator.next()
            }
            state.entries[target.key.processID, default: []].append(Entry(secret: secret, target: target))
            return CancelKey(processID: target.key.processID, secret: secret)
        }
    }

    /// Forgets a key at the end of its session.
    func remove(_ key: CancelKey) {
        self.state.withLockedValue { state in
            state.entries[key.processID]?.removeAll { $0.secret == key.secret }
            if state.entries[key.processID]?.isEmpty == true { state.entries[key.processID] = nil }
        }
    }

    /// Looks up a key that somebody claims to have, and takes one of the few places for cancel requests on their way.
    ///
    /// - Returns: `nil` if the key is unknown, is being used already, or all places are taken. Otherwise ``end(_:)`` has to
    ///   follow.
    func begin(_ key: CancelKey) -> CancelTarget? {
        self.state.withLockedValue { state in
            guard state.running < self.maximumConcurrency else { return nil }
            guard let index = Self.index(of: key.secret, in: state.entries[key.processID] ?? []) else { return nil }
            guard state.entries[key.processID]?[index].isBusy == false else { return nil }
            state.entries[key.processID]?[index].isBusy = true
            state.running += 1
            return state.entries[key.processID]?[index].target
        }
    }

    /// A cancel request has been delivered or has failed.
    func end(_ key: CancelKey) {
        self.state.withLockedValue { state in
            state.running -= 1
            guard let index = Self.index(of: key.secret, in: state.entries[key.processID] ?? []) else { return }
            state.entries[key.processID]?[index].isBusy = false
        }
    }

    /// How many keys there are.
    var count: Int { self.state.withLockedValue { $0.entries.values.reduce(0) { $0 + $1.count } } }

    /// Looks at every entry whatever the first match, so that the time taken says nothing about the secrets.
    private static func index(of secret: UInt32, in entries: [Entry]) -> Int? {
        var found = -1
        for index in entries.indices {
            let difference = entries[index].secret ^ secret
            // All ones if the secrets are equal, all zeros otherwise, without a branch.
            let mask = Int(truncatingIfNeeded: (UInt64(difference) &- 1) >> 32) & 1
            found = found &* (1 &- mask) &+ index &* mask
        }
        return found >= 0 ? found : nil
    }
}
