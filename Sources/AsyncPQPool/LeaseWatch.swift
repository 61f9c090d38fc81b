//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// A place in a program that leased a connection.
package struct CallSite: Sendable, CustomStringConvertible {
    var fileID: StaticString
    var line: UInt

    package init(fileID: StaticString, line: UInt) {
        self.fileID = fileID
        self.line = line
    }

    package var description: String { "\(self.fileID):\(self.line)" }
}

/// Records which call site holds a connection and since when, and finds leases that last too long.
///
/// Pure; the pool keeps one only when leaks are to be reported.
struct LeaseWatch<ID: Hashable & Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A lease that lasts, or lasted, for too long.
    struct Report: Sendable {
        var id: ID
        var site: CallSite
        /// How long the connection is, or was, away.
        var heldFor: Duration
    }

    private struct Lease {
        var site: CallSite
        var since: Instant
        var isReported = false
    }

    private let limit: Duration
    private var leases: [ID: Lease] = [:]

    init(limit: Duration) { self.limit = limit.bounded }

    /// Records a lease; returns the time at which it is reported.
    mutating func leased(_ id: ID, to site: CallSite, now: Instant) -> Instant {
        self.leases[id] = Lease(site: site, since: now)
        return now + self.limit
    }

    /// Records a release; returns a report if the lease had been reported as too long.
    mutating func returned(_ id: ID, now: Instant) -> Report? {
        guard let lease = self.leases.removeValue(forKey: id), lease.isReported else { return nil }
        return Report(id: id, site: lease.site, heldFor: lease.since.duration(to: now))
    }

    /// The leases that are too long by now, each reported once, the longest first, and the time of the next report.
    mutating func late(now: Instant) -> (reports: [Report], next: Instant?) {
        var reports: [Report] = []
        var next: Instant?
        for (id, lease) in self.leases where !lease.isReported {
            let due = lease.since + self.limit
            if due <= now {
                self.leases[id]?.isReported = true
                reports.append(Report(id: id, site: lease.site, heldFor: lease.since.duration(to: now)))
            } else {
                next = next.map { min($0, due) } ?? due
            }
        }
        return (reports.sorted { $0.heldFor > $1.heldFor }, next)
    }
}
