//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("The life of an app's processes") struct AppLifecycleTests {
    private let end = AppExit(reason: "The app ended with exit status 3")

    private func run(_ number: Int, _ deployment: String = "a") -> AppLifecycle.Run {
        AppLifecycle.Run(number: number, deployment: deployment)
    }

    /// An app whose first deployment serves.
    private func serving() -> AppLifecycle {
        var life = AppLifecycle(policy: .init(limit: 2, firstWait: .seconds(1), steady: .seconds(60)))
        _ = life.handle(.deploy("a"))
        _ = life.handle(.listening(self.run(1)))
        return life
    }

    @Test func `first deployment is launched, serves when it listens, and stops`() {
        var life = AppLifecycle()
        #expect(life.isIdle && life.status == .nothing)
        #expect(life.handle(.deploy("a")) == [.launch(self.run(1))])
        #expect(!life.isIdle && life.status == .deploying)
        #expect(life.handle(.listening(self.run(1))) == [.route(self.run(1)), .succeeded("a")])
        #expect(life.status == .running)
        #expect(life.handle(.stop) == [.route(nil), .end(self.run(1))])
        #expect(!life.isIdle && life.status == .nothing)
        #expect(life.handle(.ended(self.run(1), self.end, uptime: .zero)).isEmpty)
        #expect(life.isIdle)
    }

    @Test func `older version serves until the newer one listens`() {
        var life = self.serving()
        #expect(life.handle(.deploy("b")) == [.launch(self.run(2, "b"))])
        #expect(life.status == .running)
        #expect(
            life.handle(.listening(self.run(2, "b"))) == [.route(self.run(2, "b")), .succeeded("b"), .end(self.run(1))])
        #expect(life.handle(.ended(self.run(1), self.end, uptime: .seconds(9))).isEmpty, "it was told to")
        #expect(life.status == .running)
    }

    @Test func `newer version that fails changes nothing for the older one`() {
        var life = self.serving()
        _ = life.handle(.deploy("b"))
        #expect(life.handle(.ended(self.run(2, "b"), self.end, uptime: .zero)) == [.failed("b", self.end)])
        #expect(life.status == .running)
    }

    @Test func `first version that fails is a crash`() {
        var life = AppLifecycle()
        _ = life.handle(.deploy("a"))
        #expect(life.handle(.ended(self.run(1), self.end, uptime: .zero)) == [.failed("a", self.end)])
        #expect(life.status == .crashed(self.end) && life.isIdle)
        #expect(life.handle(.deploy("b")) == [.launch(self.run(2, "b"))])
        #expect(life.status == .deploying)
    }

    @Test func `crash loop ends after its limit, with longer waits on the way`() {
        var life = self.serving()
        #expect(
            life.handle(.ended(self.run(1), self.end, uptime: .zero)) == [.route(nil), .wait(self.run(1), .seconds(1))])
        #expect(life.status == .restarting(self.end, attempt: 1, limit: 2, wait: .seconds(1)))
        #expect(life.isIdle)
        #expect(life.handle(.waited(self.run(9))).isEmpty, "another wait")
        #expect(life.handle(.waited(self.run(1))) == [.launch(self.run(2))])
        #expect(life.handle(.waited(self.run(1))).isEmpty, "it came twice")
        #expect(
            life.handle(.ended(self.run(2), self.end, uptime: .zero)) == [.route(nil), .wait(self.run(2), .seconds(2))])
        #expect(life.handle(.waited(self.run(2))) == [.launch(self.run(3))])
        #expect(life.handle(.listening(self.run(3))) == [.route(self.run(3))])
        #expect(life.status == .running)
        #expect(life.handle(.ended(self.run(3), self.end, uptime: .seconds(1))) == [.route(nil)])
        #expect(life.status == .crashed(self.end) && life.isIdle)
        #expect(life.handle(.deploy("b")) == [.launch(self.run(4, "b"))])
        #expect(life.status == .deploying)
        #expect(life.handle(.listening(self.run(4, "b"))) == [.route(self.run(4, "b")), .succeeded("b")])
    }

    @Test func `long run begins a new row`() {
        var life = self.serving()
        for number in 1...10 {
            let actions = life.handle(.ended(self.run(number), self.end, uptime: .seconds(61)))
            #expect(actions == [.route(nil), .wait(self.run(number), .seconds(1))])
            _ = life.handle(.waited(self.run(number)))
            _ = life.handle(.listening(self.run(number + 1)))
        }
        #expect(life.status == .running)
    }

    @Test func `new version takes over while the older one waits`() {
        var life = self.serving()
        _ = life.handle(.ended(self.run(1), self.end, uptime: .zero))
        _ = life.handle(.deploy("b"))
        #expect(life.handle(.listening(self.run(2, "b"))) == [.route(self.run(2, "b")), .succeeded("b")])
        #expect(life.handle(.waited(self.run(1))).isEmpty)
    }

    @Test func `active version is resumed once, and a stop ends all`() {
        var life = AppLifecycle()
        #expect(life.handle(.resume("a")) == [.launch(self.run(1))])
        #expect(life.handle(.resume("a")).isEmpty)
        #expect(life.handle(.deploy("b")) == [.launch(self.run(2, "b"))])
        #expect(life.handle(.stop) == [.route(nil), .end(self.run(2, "b")), .end(self.run(1))])
        #expect(life.handle(.listening(self.run(1))).isEmpty, "too late")
        #expect(life.handle(.ended(self.run(1), self.end, uptime: .zero)).isEmpty)
        #expect(!life.isIdle)
        #expect(life.handle(.ended(self.run(2, "b"), self.end, uptime: .zero)).isEmpty)
        #expect(life.isIdle && life.status == .nothing)
    }
}
