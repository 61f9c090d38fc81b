//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BenchmarkSupport
import Foundation
import Synchronization

/// The sessions at work, those that were ended, and the errors of their callers.
final class KillLedger: Sendable {
    private struct State {
        var victims: [Int32] = []
        var kills: [(victim: Int32, at: ContinuousClock.Instant)] = []
        var errors: [CallerError] = []
        var others: [String] = []
        var isStopped = false
        var ended = 0
    }

    /// The error of one call.
    private struct CallerError {
        /// The session of the call; nil where the caller does not know it.
        var victim: Int32?
        var begin: ContinuousClock.Instant
        var end: ContinuousClock.Instant
    }

    private let state = Mutex(State())

    /// Whether a caller is to end with its next error.
    var isStopped: Bool { self.state.withLock { $0.isStopped } }
    /// How many callers have ended.
    var ended: Int { self.state.withLock { $0.ended } }

    func stop() { self.state.withLock { $0.isStopped = true } }
    func callerEnded() { self.state.withLock { $0.ended += 1 } }

    /// Adds a session that is at work.
    func begins(_ victim: Int32) {
        self.state.withLock { if !$0.victims.contains(victim) { $0.victims.append(victim) } }
    }

    /// Removes and returns a session that is at work.
    func randomVictim() -> Int32? {
        self.state.withLock { state in
            guard let index = state.victims.indices.randomElement() else { return nil }
            return state.victims.remove(at: index)
        }
    }

    func killed(_ victim: Int32, at instant: ContinuousClock.Instant) {
        self.state.withLock { $0.kills.append((victim, instant)) }
    }

    /// Records the error of a call.
    func failed(_ error: any Error, of victim: Int32?, since begin: ContinuousClock.Instant) {
        let end = ContinuousClock.now
        let isExpected =
            (error as? PQError).map { $0.code == .connectionClosed || $0.sqlState == .adminShutdown } ?? false
        self.state.withLock { state in
            state.errors.append(CallerError(victim: victim, begin: begin, end: end))
            if !isExpected { state.others.append("\(error)") }
        }
    }

    /// Puts together what happened.
    func report(hung: Int) -> KillReport {
        self.state.withLock { state in
            var report = KillReport(
                kills: state.kills.count, hung: hung, otherErrors: state.others.count, otherError: state.others.first)
            for error in state.errors {
                // A caller that does not know its session counts from the first kill during its call, or else from the
                // call's begin: that is never less than the time in question.
                let kill = state.kills.first { kill in
                    guard let victim = error.victim else { return (error.begin...error.end).contains(kill.at) }
                    return kill.victim == victim
                }
                let from = kill?.at ?? error.begin
                report.milliseconds.append(max(0, from.duration(to: error.end).inSeconds * 1000))
            }
            return report
        }
    }
}

/// What became of the callers of sessions that were ended.
struct KillReport {
    var kills: Int
    var hung: Int
    var otherErrors: Int
    var otherError: String?
    /// For each caller with an error, the time to it.
    var milliseconds: [Double] = []

    var isFine: Bool { self.hung == 0 && (self.milliseconds.max() ?? 0) <= 1000 }

    var line: String {
        String(
            format: "%8d%8d%11.1f%12.1f%6d%14d", self.kills, self.milliseconds.count, median(self.milliseconds),
            self.milliseconds.max() ?? 0, self.hung, self.otherErrors)
    }
}
