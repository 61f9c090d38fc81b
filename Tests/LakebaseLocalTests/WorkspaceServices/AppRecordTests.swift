//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal

@Suite("An app as a value") struct AppRecordTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func later(_ seconds: TimeInterval) -> Date { self.start.addingTimeInterval(seconds) }

    private func record(isStarted: Bool = true) -> AppRecord {
        AppRecord(Apps.App(name: "notes"), isStarted: isStarted, now: self.start, delay: 1)
    }

    private func deployment(_ id: String) -> Apps.Deployment {
        Apps.Deployment(deploymentID: id, sourceCodePath: "/n")
    }

    @Test func `starts, stops and starts again, each after a while`() throws {
        var record = self.record()
        #expect(record.resource(self.start).computeStatus?.state == .starting)
        #expect(record.resource(self.later(0.9)).computeStatus?.state == .starting)
        #expect(record.resource(self.later(1)).computeStatus?.state == .active)
        try record.stop(self.later(2), delay: 1)
        #expect(record.resource(self.later(2)).computeStatus?.state == .stopping)
        #expect(record.resource(self.later(3)).computeStatus?.state == .stopped)
        try record.start(self.later(4), delay: 1)
        #expect(record.resource(self.later(5)).computeStatus?.state == .active)
        try record.start(self.later(6), delay: 1)
        #expect(record.resource(self.later(6)).computeStatus?.state == .active, "one that runs goes on")
        #expect(self.record(isStarted: false).resource(self.later(9)).computeStatus?.state == .stopped)
    }

    @Test func `says plainly that no process runs`() {
        let app = self.record().resource(self.later(1))
        #expect(app.appStatus?.state == .unavailable)
        #expect(app.appStatus?.message?.contains("does not run their processes") == true)
        #expect(app.computeStatus?.message?.isEmpty == false)
    }

    @Test func `deployment succeeds after a while, and becomes the active one`() throws {
        var record = self.record()
        try record.deploy(self.deployment("d"), problem: nil, now: self.later(1), delay: 1)
        let during = record.resource(self.later(1.5))
        #expect(during.pendingDeployment?.deploymentID == "d" && during.activeDeployment == nil)
        #expect(during.pendingDeployment?.status?.state == .inProgress)
        let after = record.resource(self.later(2))
        #expect(after.pendingDeployment == nil && after.activeDeployment?.status?.state == .succeeded)
        #expect(after.defaultSourceCodePath == "/n")
        try record.stop(self.later(3), delay: 1)
        #expect(record.resource(self.later(4)).activeDeployment == nil)
    }

    @Test func `deployment with a problem fails with it`() throws {
        var record = self.record()
        try record.deploy(self.deployment("d"), problem: "no such folder", now: self.later(1), delay: 1)
        record.advance(to: self.later(2))
        #expect(record.deployments.first?.status == .init(state: .failed, message: "no such folder"))
        #expect(record.resource(self.later(2)).activeDeployment == nil)
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
            code { try record.deploy(self.deployment("d"), problem: nil, now: self.start, delay: 1) }
                == "400 BAD_REQUEST")
        try record.deploy(self.deployment("d"), problem: nil, now: self.later(1), delay: 5)
        #expect(
            code { try record.deploy(self.deployment("e"), problem: nil, now: self.later(2), delay: 1) }
                == "409 RESOURCE_CONFLICT")
        #expect(
            code { try record.update(.init(name: "n"), mask: ["name"], by: "x", now: self.later(2)) }
                == "400 INVALID_PARAMETER_VALUE")
        try record.delete(self.later(3), delay: 10)
        #expect(record.deployments.first?.status?.state == .cancelled)
        #expect(code { try record.delete(self.later(4), delay: 10) } == "400 BAD_REQUEST")
        #expect(code { try record.start(self.later(4), delay: 1) } == "400 BAD_REQUEST")
        #expect(record.resource(self.later(12)).computeStatus?.state == .deleting)
        #expect(!record.isGone(self.later(12)) && record.isGone(self.later(13)))
    }

    @Test func `replacement clears what is left out, a mask changes what it names`() throws {
        var record = self.record()
        let settings = Apps.App(name: "notes", description: "d", resources: [.init(name: "r")])
        try record.update(settings, mask: nil, by: "me", now: self.later(1))
        #expect(record.app.description == "d" && record.update == nil)
        try record.update(.init(name: "notes", description: "e"), mask: ["description"], by: "me", now: self.later(2))
        #expect(record.app.description == "e" && record.app.resources?.count == 1)
        #expect(record.update?.status?.state == .succeeded)
        try record.update(.init(name: "notes"), mask: nil, by: "me", now: self.later(3))
        #expect(record.app.description == nil && record.app.resources == nil)
    }

    @Test func `survives being written and read`() throws {
        var record = self.record()
        try record.deploy(self.deployment("d"), problem: nil, now: self.later(1), delay: 1)
        let read = try JSONDecoder().decode(AppRecord.self, from: JSONEncoder().encode(record))
        #expect(read == record)
    }
}
