//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("Leases that last too long")
struct LeaseWatchTests {
    private let start = ContinuousClock.now

    @Test func `a late lease is reported once, with its place, and its return too`() {
        var watch = LeaseWatch<Int>(limit: .seconds(5))
        #expect(
            watch.leased(1, to: CallSite(fileID: "App/Job.swift", line: 12), now: self.start) == self.start
                + .seconds(5))
        #expect(watch.late(now: self.start + .seconds(4)).reports.isEmpty)
        #expect(watch.late(now: self.start + .seconds(4)).next == self.start + .seconds(5))
        let late = watch.late(now: self.start + .seconds(5))
        #expect(late.reports.map { "\($0.site) \($0.heldFor)" } == ["App/Job.swift:12 5.0 seconds"])
        #expect(late.next == nil)
        #expect(watch.late(now: self.start + .seconds(9)).reports.isEmpty)
        #expect(watch.returned(1, now: self.start + .seconds(10))?.heldFor == .seconds(10))
        #expect(watch.returned(1, now: self.start + .seconds(10)) == nil)
    }

    @Test func `a lease that comes back in time is no news`() {
        var watch = LeaseWatch<Int>(limit: .seconds(5))
        _ = watch.leased(1, to: CallSite(fileID: "App/Job.swift", line: 12), now: self.start)
        #expect(watch.returned(1, now: self.start + .seconds(4)) == nil)
        #expect(watch.late(now: self.start + .seconds(60)).reports.isEmpty)
    }

    @Test func `the longest comes first, and the next one is waited for`() {
        var watch = LeaseWatch<Int>(limit: .seconds(5))
        for id in 1...3 {
            _ = watch.leased(id, to: CallSite(fileID: "App/Job.swift", line: 1), now: self.start + .seconds(id))
        }
        let late = watch.late(now: self.start + .seconds(7))
        #expect(late.reports.map(\.id) == [1, 2])
        #expect(late.next == self.start + .seconds(8))
    }
}
