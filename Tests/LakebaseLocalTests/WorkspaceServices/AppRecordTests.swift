//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("An app as a value") struct AppRecordTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func later(_ seconds: TimeInterval) -> Date { self.start.addingTimeInterval(seconds) }

    private func record(isStarted: Bool = true) -> AppRecord {
        AppRecord(Apps.App(name: "notes"), isStarted: isStarted, now: self.start, delay: 1)
    }

    private func compute(_ record: AppRecord, _ seconds: TimeInterval, isIdle: Bool = true) -> Apps.ComputeState? {
        record.resource(self.later(seconds), .init(isIdle: isIdle)).computeStatus?.state
    }

    private func deployment(_ id: String) -> Apps.Deployment {
        Apps.Deployment(deploymentID: id, sourceCodePath: "/n")
    }

    @Test func `starts, stops and starts again, each after a while`() throws {
        var record = self.record()
        #expect(self.compute(record, 0) == .starting)
        #expect(self.compute(record, 0.9) == .starting)
        #expect(self.compute(record, 1) == .active)
        try record.stop(self.later(2), delay: 1, isIdle: false)
        #expect(self.compute(record, 2) == .stopping)
        #expect(self.compute(record, 9, isIdle: false) == .stopping, "not while there is a process")
        #expect(self.compute(record, 3) == .stopped)
        #expect(try !record.start(self.later(4), delay: 1, isIdle: true, deployment: "x"), "nothing ever ran")
        #expect(self.compute(record, 5) == .active)
        #expect(try !record.start(self.later(6), delay: 1, isIdle: true, deployment: "x"))
        #expect(self.compute(record, 6) == .active, "one that runs goes on")
        #expect(self.compute(self.record(isStarted: false), 9) == .stopped)
    }

    @Test func `says what its process does`() {
        func status(_ status: AppLifecycle.Status, _ seconds: TimeInterval = 1) -> Apps.ApplicationStatus? {
            self.record().resource(self.later(seconds), .init(status: status, isIdle: false)).appStatus
        }
        #expect(status(.nothing)?.state == .unavailable && status(.nothing)?.message == "Nothing is deployed yet.")
        #expect(status(.nothing, 0)?.message == "The app's compute is STARTING.")
        #expect(status(.deploying)?.state == .deploying)
        #expect(status(.running)?.state == .running && status(.running)?.runningInstances == 1)
        let end = AppExit(reason: "The app ended with exit status 3", lastLines: ["a", "b"])
        let restarting = status(.restarting(end, attempt: 2, limit: 5, wait: .seconds(2)))
        #expect(restarting?.state == .crashed)
        #expect(
            restarting?.message
                == "The app is started again in 2 s, attempt 2 of 5. The app ended with exit status 3. Its last lines:\na\nb"
        )
        #expect(status(.crashed(end))?.message?.hasPrefix("The app has crashed and is not started again.") == true)
    }

    @Test func `deployment that succeeds becomes the active one, and runs again with the app`() throws {
        var record = self.record()
        try record.deploy(self.deployment("d"), now: self.later(1), isIdle: true)
        let during = record.resource(self.later(1.5), .init(status: .deploying, isIdle: false))
        #expect(during.pendingDeployment?.deploymentID == "d" && during.activeDeployment == nil)
        #expect(during.pendingDeployment?.status?.state == .inProgress)
        #expect(record.resumption(self.later(1.5)).rollout == "d")
        record.finish("d", .init(state: .succeeded, message: "m"), now: self.later(2))
        let after = record.resource(self.later(2), .init(status: .running, isIdle: false))
        #expect(after.pendingDeployment == nil && after.activeDeployment?.status?.state == .succeeded)
        #expect(after.defaultSourceCodePath == "/n")
        #expect(record.resumption(self.later(2)) == ("d", nil))
        try record.stop(self.later(3), delay: 1, isIdle: true)
        #expect(record.resource(self.later(4), .init()).activeDeployment == nil)
        #expect(record.resumption(self.later(4)) == (nil, nil))
        #expect(record.neededVersions == ["d"])
        #expect(try record.start(self.later(5), delay: 1, isIdle: true, deployment: "e"))
        let again = record.resource(self.later(6), .init(status: .deploying, isIdle: false))
        #expect(again.pendingDeployment?.deploymentID == "e" && again.pendingDeployment?.sourceCodePath == "/n")
        #expect(record.version(of: "e") == "d", "its files are those that ran")
        record.finish("e", .init(state: .succeeded), now: self.later(7))
        #expect(record.neededVersions == ["d"])
        try record.stop(self.later(8), delay: 1, isIdle: true)
        #expect(try record.start(self.later(10), delay: 1, isIdle: true, deployment: "f"))
        #expect(record.version(of: "f") == "d")
    }

    @Test func `deployment with a problem fails with it`() throws {
        var record = self.record()
        try record.deploy(self.deployment("d"), now: self.later(1), isIdle: true)
        record.finish("other", .init(state: .succeeded), now: self.later(2))
        #expect(record.deployments.first?.status?.state == .inProgress)
        record.finish("d", .init(state: .failed, message: "no such folder"), now: self.later(2))
        #expect(record.deployments.first?.status == .init(state: .failed, message: "no such folder"))
        #expect(record.resource(self.later(2), .init()).activeDeployment == nil)
        #expect(record.neededVersions.isEmpty)
    }

    @Test func `forgets old deployments, and none that is needed`() throws {
        var record = self.record()
        try record.deploy(self.deployment("first"), now: self.later(1), isIdle: true)
        record.finish("first", .init(state: .succeeded), now: self.later(1))
        for number in 0..<2 * AppRecord.historyLimit {
            try record.deploy(self.deployment("d\(number)"), now: self.later(2), isIdle: true)
            record.finish("d\(number)", .init(state: .failed), now: self.later(2))
        }
        #expect(record.deployments.count == AppRecord.historyLimit)
        #expect(record.deployments.last?.deploymentID == "first")
        #expect(record.deployments.first?.deploymentID == "d\(2 * AppRecord.historyLimit - 1)")
    }

    @Test func `refuses what cannot be now`() throws {
        func code(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch {
                return (error as? APIFailure).map { "\($0.status) \($0.code)" }
            }
        }
        var record = self.record()
        #expect(
            code { try record.deploy(self.deployment("d"), now: self.start, isIdle: true) }
                == "400 BAD_REQUEST")
        try record.deploy(self.deployment("d"), now: self.later(1), isIdle: true)
        #expect(
            code { try record.deploy(self.deployment("e"), now: self.later(2), isIdle: true) }
                == "409 RESOURCE_CONFLICT")
        #expect(
            code { try record.update(.init(name: "n"), mask: ["name"], by: "x", now: self.later(2), isIdle: true) }
                == "400 INVALID_PARAMETER_VALUE")
        try record.delete(self.later(3), delay: 10, isIdle: true)
        #expect(record.deployments.first?.status?.state == .cancelled)
        #expect(code { try record.delete(self.later(4), delay: 10, isIdle: true) } == "400 BAD_REQUEST")
        #expect(
            code { _ = try record.start(self.later(4), delay: 1, isIdle: true, deployment: "e") } == "400 BAD_REQUEST")
        #expect(self.compute(record, 12) == .deleting)
        #expect(!record.isGone(self.later(12), isIdle: true) && record.isGone(self.later(13), isIdle: true))
        #expect(!record.isGone(self.later(13), isIdle: false), "not while there is a process")
    }

    @Test func `replacement clears what is left out, a mask changes what it names`() throws {
        var record = self.record()
        let settings = Apps.App(name: "notes", description: "d", resources: [.init(name: "r")])
        try record.update(settings, mask: nil, by: "me", now: self.later(1), isIdle: true)
        #expect(record.app.description == "d" && record.update == nil)
        try record.update(
            .init(name: "notes", description: "e"), mask: ["description"], by: "me", now: self.later(2), isIdle: true)
        #expect(record.app.description == "e" && record.app.resources?.count == 1)
        #expect(record.update?.status?.state == .succeeded)
        try record.update(.init(name: "notes"), mask: nil, by: "me", now: self.later(3), isIdle: true)
        #expect(record.app.description == nil && record.app.resources == nil)
    }

    @Test func `survives being written and read`() throws {
        var record = self.record()
        try record.deploy(self.deployment("d"), now: self.later(1), isIdle: true)
        let read = try JSONDecoder().decode(AppRecord.self, from: JSONEncoder().encode(record))
        #expect(read == record)
    }
}
