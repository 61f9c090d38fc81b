//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalGround
import Testing

@testable import LocalPostgres

@Suite("Compute lifecycle") struct ComputeLifecycleTests {
    let zero = ContinuousClock.now

    func at(_ seconds: Int) -> ContinuousClock.Instant { self.zero + .seconds(seconds) }

    /// A machine that can be used inside of an expectation.
    final class Machine {
        private var lifecycle = ComputeLifecycle(suspendAfter: .seconds(60))

        var phase: ComputePhase { self.lifecycle.phase }
        var lastError: String? { self.lifecycle.lastError }

        func handle(_ event: ComputeLifecycle.Event) -> [ComputeLifecycle.Action] { self.lifecycle.handle(event) }
    }

    func active() -> Machine {
        let lifecycle = Machine()
        _ = lifecycle.handle(.login(0))
        _ = lifecycle.handle(.started(self.zero))
        return lifecycle
    }

    @Test func `many logins start it once and all get it`() {
        let lifecycle = Machine()
        #expect(lifecycle.handle(.login(1)) == [.start])
        #expect(lifecycle.handle(.login(2)) == [])
        #expect(lifecycle.handle(.login(3)) == [])
        #expect(lifecycle.handle(.cancelled(2)) == [])
        #expect(lifecycle.phase == .starting)
        #expect(lifecycle.handle(.started(self.zero)) == [.resume(1), .resume(3), .setTimer(self.at(60))])
        #expect(lifecycle.phase == .active)
        #expect(lifecycle.handle(.login(4)) == [.resume(4)])
    }

    @Test func `a start that fails tells all who wait and the next login tries again`() {
        let lifecycle = Machine()
        _ = lifecycle.handle(.login(1))
        _ = lifecycle.handle(.login(2))
        let failure = ComputeLifecycle.Failure(description: "no space")
        #expect(lifecycle.handle(.startFailed(failure)) == [.fail(1, failure), .fail(2, failure)])
        #expect(lifecycle.phase == .idle)
        #expect(lifecycle.lastError == "no space")
        #expect(lifecycle.handle(.login(3)) == [.start])
    }

    @Test func `it sleeps after a quiet time with no session at work`() {
        let lifecycle = self.active()
        #expect(lifecycle.handle(.timer(self.at(60), lastActivity: self.zero)) == [.countBackends])
        #expect(lifecycle.handle(.backendsCounted(0, self.at(60), lastActivity: self.zero)) == [.stop])
        #expect(lifecycle.phase == .suspending)
        #expect(lifecycle.handle(.exited("exit status 0")) == [])
        #expect(lifecycle.phase == .idle)
        #expect(lifecycle.lastError == nil)
    }

    @Test func `activity puts the sleep off`() {
        let lifecycle = self.active()
        #expect(lifecycle.handle(.timer(self.at(60), lastActivity: self.at(50))) == [.setTimer(self.at(110))])
        #expect(lifecycle.handle(.timer(self.at(110), lastActivity: self.at(50))) == [.countBackends])
        // Something happened while the backends were counted.
        #expect(
            lifecycle.handle(.backendsCounted(0, self.at(111), lastActivity: self.at(110))) == [.setTimer(self.at(170))]
        )
    }

    @Test func `a long statement or an open transaction keeps it awake`() {
        let lifecycle = self.active()
        _ = lifecycle.handle(.timer(self.at(60), lastActivity: self.zero))
        #expect(
            lifecycle.handle(.backendsCounted(1, self.at(60), lastActivity: self.zero)) == [.setTimer(self.at(120))])
        #expect(lifecycle.handle(.timer(self.at(120), lastActivity: self.zero)) == [.countBackends])
    }

    @Test func `a login while it goes to sleep wakes it as soon as it is down`() {
        let lifecycle = self.active()
        #expect(lifecycle.handle(.suspendRequested) == [.stop])
        #expect(lifecycle.handle(.login(7)) == [])
        #expect(lifecycle.handle(.exited("exit status 0")) == [.start])
        #expect(lifecycle.handle(.started(self.at(1))).first == .resume(7))
    }

    @Test func `a crash is remembered and the next login starts it`() {
        let lifecycle = self.active()
        #expect(lifecycle.handle(.exited("signal 9")) == [])
        #expect(lifecycle.phase == .idle)
        #expect(lifecycle.lastError == "signal 9")
        #expect(lifecycle.handle(.login(1)) == [.start])
        _ = lifecycle.handle(.started(self.zero))
        #expect(lifecycle.lastError == nil)
    }

    @Test func `a timer of an earlier life does nothing`() {
        let lifecycle = Machine()
        #expect(lifecycle.handle(.timer(self.at(60), lastActivity: self.zero)) == [])
        #expect(lifecycle.handle(.backendsCounted(0, self.at(60), lastActivity: self.zero)) == [])
        #expect(lifecycle.phase == .idle)
    }

    @Test func `a shutdown stops whatever there is and lets nobody in`() {
        let idle = Machine()
        #expect(idle.handle(.shutdown) == [.finished])
        #expect(idle.phase == .stopped)
        guard case .fail(1, _)? = idle.handle(.login(1)).first else {
            Issue.record("a stopped compute accepted a login")
            return
        }

        let running = self.active()
        #expect(running.handle(.shutdown) == [.stop])
        #expect(running.handle(.shutdown) == [])
        #expect(running.handle(.exited("exit status 0")) == [.finished])

        let starting = Machine()
        _ = starting.handle(.login(1))
        guard case .fail(1, _)? = starting.handle(.shutdown).first else {
            Issue.record("a waiter was forgotten")
            return
        }
        #expect(starting.handle(.started(self.zero)) == [.stop])
        #expect(starting.handle(.exited("exit status 0")) == [.finished])
    }

    @Test func `a held compute lets logins wait until the last hold is over`() {
        let lifecycle = Machine()
        #expect(lifecycle.handle(.hold) == [])
        #expect(lifecycle.handle(.hold) == [])
        #expect(lifecycle.phase == .idle)
        #expect(lifecycle.handle(.login(1)) == [])
        #expect(lifecycle.handle(.release(self.zero)) == [])
        #expect(lifecycle.handle(.release(self.zero)) == [.start])
        #expect(lifecycle.phase == .starting)
        // One that runs cannot be held.
        let running = self.active()
        #expect(running.handle(.hold) == [] && running.phase == .active)
        #expect(running.handle(.release(self.zero)) == [] && running.phase == .active)
        let held = Machine()
        _ = held.handle(.hold)
        #expect(held.handle(.shutdown) == [.finished])
        #expect(held.handle(.release(self.zero)) == [] && held.phase == .stopped)
    }

    @Test func `another delay counts from now on, and none means never`() {
        let lifecycle = self.active()
        #expect(lifecycle.handle(.suspendAfter(.seconds(10), self.at(5))) == [.setTimer(self.at(15))])
        #expect(lifecycle.handle(.suspendAfter(.seconds(10), self.at(6))) == [])
        #expect(lifecycle.handle(.suspendAfter(nil, self.at(7))) == [])
        #expect(lifecycle.handle(.timer(self.at(1000), lastActivity: self.zero)) == [])
        #expect(lifecycle.phase == .active)
        #expect(lifecycle.handle(.suspendAfter(.seconds(60), self.at(1000))) == [.setTimer(self.at(1060))])
        #expect(lifecycle.handle(.timer(self.at(1060), lastActivity: self.zero)) == [.countBackends])
    }
}
