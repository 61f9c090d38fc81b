//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import Databricks

@Suite("Waiting for apps and instances", .timeLimit(.minutes(1)))
struct WaitTests {
    private func app(_ state: String, _ message: String = "m") -> String {
        #"{"name":"notes","compute_status":{"state":"\#(state)","message":"\#(message)"}}"#
    }

    @Test func `creation and start wait for an active compute`() async throws {
        let stub = StubbedClient(
            answers: self.app("STOPPED"), self.app("STARTING"), self.app("NEW"), self.app("ACTIVE"))
        let app = try await stub.client.apps.create(.init(name: "notes")).wait()
        #expect(app.computeStatus?.state == .active)
        #expect(stub.transport.lines.last == "GET https://h.example.com/api/2.0/apps/notes")
        let start = StubbedClient(answers: self.app("STOPPED"), self.app("ACTIVE"))
        _ = try await start.client.apps.start("notes").wait()
        #expect(start.transport.lines.count == 2, "the answer of the call may be of before it")
    }

    @Test(arguments: ["ERROR", "STOPPED", "DELETING"])
    func `compute that will not become active is an error with the service's words`(state: String) async throws {
        let stub = StubbedClient(answers: self.app("STARTING"), self.app(state, "no capacity"))
        let start = try await stub.client.apps.start("notes")
        let error = await #expect(throws: DatabricksError.self) { try await start.wait() }
        #expect(error?.message == "the compute of app notes is \(state) (no capacity)")
        #expect(error?.operation == "app notes")
    }

    @Test func `stop and creation without compute wait for a stopped one`() async throws {
        let stop = StubbedClient(answers: self.app("ACTIVE"), self.app("STOPPING"), self.app("STOPPED"))
        _ = try await stop.client.apps.stop("notes").wait()
        #expect(stop.transport.lines.count == 3)
        let create = StubbedClient(answers: self.app("STOPPED"))
        let app = try await create.client.apps.create(.init(name: "notes"), noCompute: true).wait()
        #expect(app.computeStatus?.state == .stopped)
    }

    @Test func `absent status goes on until the deadline, which says what was seen`() async throws {
        let stub = StubbedClient(answers: #"{"name":"notes"}"#, #"{"name":"notes"}"#, self.app("STARTING", "pulling"))
        let start = try await stub.client.apps.start("notes")
        let error = await #expect(throws: DatabricksError.self) { try await start.wait(within: .seconds(60)) }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.hasPrefix("app notes is STARTING (pulling) after 60.0 s") == true)
        let unlimited = await #expect(throws: DatabricksError.self) { try await start.wait() }
        #expect(unlimited?.message.contains("after 1200.0 s") == true, "20 minutes when nothing is said")
    }

    @Test func `deployment that runs, failed or was given up`() async throws {
        func deployment(_ state: String) -> String {
            #"{"deployment_id":"d","status":{"state":"\#(state)","message":"exit 1"}}"#
        }
        let good = StubbedClient(
            answers: deployment("IN_PROGRESS"), #"{"deployment_id":"d"}"#, deployment("SUCCEEDED"))
        let done = try await good.client.apps.deploy(.init(sourceCodePath: "/n"), to: "notes").wait()
        #expect(done.status?.state == .succeeded)
        #expect(good.transport.lines.last == "GET https://h.example.com/api/2.0/apps/notes/deployments/d")
        for state in ["FAILED", "CANCELLED"] {
            let stub = StubbedClient(answers: deployment("IN_PROGRESS"), deployment(state))
            let pending = try await stub.client.apps.deploy(.init(), to: "notes")
            let error = await #expect(throws: DatabricksError.self) { try await pending.wait() }
            #expect(error?.message == "deployment d of app notes is \(state) (exit 1)")
        }
    }

    @Test func `change in the background`() async throws {
        func update(_ state: String) -> String { #"{"status":{"state":"\#(state)"}}"# }
        let good = StubbedClient(answers: update("NOT_UPDATED"), update("IN_PROGRESS"), update("SUCCEEDED"))
        _ = try await good.client.apps.createUpdate("notes", to: .init(name: "notes"), mask: ["description"]).wait()
        #expect(good.transport.lines.count == 3)
        let bad = StubbedClient(answers: update("IN_PROGRESS"), update("FAILED"))
        let change = try await bad.client.apps.createUpdate("notes", to: .init(name: "notes"), mask: ["x"])
        let error = await #expect(throws: DatabricksError.self) { try await change.wait() }
        #expect(error?.message == "the change of app notes is FAILED")
    }

    @Test(arguments: ["{}", "", #"{"name":"notes","compute_status":{"state":"DELETING"}}"#])
    func `deletion ends when the app is gone`(answer: String) async throws {
        let stub = StubbedClient { (_, number) async throws(DatabricksError) in
            switch number {
            case 1: .json(answer)
            case 2, 3: .json(self.app("DELETING"))
            default: .json(#"{"error_code":"NOT_FOUND","message":"m"}"#, status: 404)
            }
        }
        let deletion = try await stub.client.apps.delete("notes")
        #expect(deletion.initial?.name == (answer.contains("notes") ? "notes" : nil))
        try await deletion.wait()
        #expect(stub.transport.lines.count == 4)
        let refused = StubbedClient { (_, number) async throws(DatabricksError) in
            number == 1 ? .json("{}") : .json("{}", status: 403)
        }
        let other = try await refused.client.apps.delete("notes")
        let error = await #expect(throws: DatabricksError.self) { try await other.wait() }
        #expect(error?.code == .permissionDenied, "only absence is the end")
    }

    @Test func `instance that becomes available, stopped or is deleted`() async throws {
        func instance(_ state: String) -> String { #"{"name":"i","state":"\#(state)"}"# }
        let create = StubbedClient(
            answers: instance("AVAILABLE"), instance("STARTING"), instance("ODD"), instance("AVAILABLE"))
        let made = try await create.client.database.createDatabaseInstance(.init(name: "i")).wait()
        #expect(made.state == .available && create.transport.lines.count == 4)
        let stop = StubbedClient(answers: instance("AVAILABLE"), instance("UPDATING"), instance("STOPPED"))
        _ = try await stop.client.database.stopDatabaseInstance("i").wait()
        #expect(stop.transport.lines.count == 3)
        let start = StubbedClient(answers: instance("STOPPED"), instance("DELETING"))
        let pending = try await start.client.database.startDatabaseInstance("i")
        let error = await #expect(throws: DatabricksError.self) { try await pending.wait() }
        #expect(error?.message == "database instance i is being deleted")
    }
}
