//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Synchronization
import Testing

@testable import Databricks

@Suite("Long-running operations", .timeLimit(.minutes(1)))
struct LongRunningOperationTests {
    private let begun = #"{"name":"projects/p/operations/1","done":false,"metadata":{"@type":"t"}}"#
    private let done =
        #"{"name":"projects/p/operations/1","done":true,"response":{"@type":"x","name":"projects/p","new":1}}"#
    private let line = "GET https://h.example.com/api/2.0/postgres/projects/p/operations/1"

    @Test func `first look is at once, then the pauses of the other clients`() async throws {
        let stub = StubbedClient { (_, number) async throws(DatabricksError) in
            .json(number < 15 ? self.begun : self.done)
        }
        let creation = try await stub.client.postgres.createProject(id: "p")
        #expect(creation.name == "projects/p/operations/1" && creation.initial.done == false)
        #expect(stub.transport.lines.count == 1, "nothing runs by itself")
        let project = try await creation.wait()
        #expect(project.name == "projects/p")
        #expect(stub.transport.lines.dropFirst().allSatisfy { $0 == self.line })
        let seconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10]
        #expect(stub.time.pauses == seconds.map { .seconds($0) + .milliseconds(50) })
    }

    @Test func `operation that is done already is not asked for again`() async throws {
        let stub = StubbedClient(answers: self.done)
        let project = try await stub.client.postgres.createProject(id: "p").wait()
        #expect(project.name == "projects/p")
        #expect(stub.transport.lines.count == 1)
    }

    @Test func `absent and null done mean that it goes on`() async throws {
        let stub = StubbedClient(answers: #"{"name":"o"}"#, #"{"name":"o","done":null}"#, self.done)
        _ = try await stub.client.postgres.createProject(id: "p").wait()
        #expect(stub.transport.lines.count == 3)
    }

    @Test(arguments: [
        #"{"name":"o","done":true,"response":{}}"#,
        #"{"name":"o","done":true,"response":{"@type":"type.googleapis.com/google.protobuf.Empty"}}"#,
        #"{"name":"o","done":true}"#,
    ])
    func `deletions end in nothing`(answer: String) async throws {
        let stub = StubbedClient(answers: #"{"name":"o"}"#, answer)
        try await stub.client.postgres.deleteProject("projects/p", purge: true).wait()
        #expect(stub.transport.lines.count == 2)
    }

    @Test(arguments: [
        #"{"name":"o","done":true}"#, #"{"name":"o","done":true,"response":null}"#,
        #"{"name":"o","done":true,"response":5}"#, #"{"name":"o","done":true,"response":{"create_time":"yesterday"}}"#,
    ])
    func `creation without a readable result is an error`(answer: String) async throws {
        let creation = try await StubbedClient(answers: answer).client.postgres.createProject(id: "p")
        let error = await #expect(throws: DatabricksError.self) { try await creation.wait() }
        #expect(error?.code == .invalidResponse && error?.operation == "o")
    }

    @Test(arguments: [
        ("NOT_FOUND", DatabricksError.Code.notFound), ("ALREADY_EXISTS", .conflict), ("BAD_REQUEST", .invalidRequest),
        ("PERMISSION_DENIED", .permissionDenied), ("QUOTA_EXCEEDED", .tooManyRequests),
        ("TEMPORARILY_UNAVAILABLE", .unavailable), ("CANCELLED", .serverError), ("DEADLINE_EXCEEDED", .serverError),
        ("SOMETHING_NEW", .serverError),
    ])
    func `failures are typed`(name: String, code: DatabricksError.Code) async throws {
        let stub = StubbedClient(
            answers: self.begun,
            """
            {"name":"projects/p/operations/1","done":true,"error":{"error_code":"\(name)","message":"gone\\u0007 away","stack_trace":"at x",
            "details":[{"@type":"type.googleapis.com/google.rpc.RequestInfo","request_id":"r-1"}]}}
            """
        )
        let creation = try await stub.client.postgres.createProject(id: "p")
        let error = await #expect(throws: DatabricksError.self) { try await creation.wait() }
        #expect(error?.code == code && error?.errorCode == name && error?.httpStatus == nil)
        #expect(error?.message == "the operation failed: gone away")
        #expect(error?.operation == "projects/p/operations/1" && error?.requestID == "r-1")
        #expect(error?.details.count == 1)
    }

    @Test func `deadline leaves the operation alone and can be followed by another wait`() async throws {
        let isDone = Mutex(false)
        let stub = StubbedClient { (_, _) async throws(DatabricksError) in
            .json(isDone.withLock { $0 } ? self.done : self.begun)
        }
        let creation = try await stub.client.postgres.createProject(id: "p")
        let error = await #expect(throws: DatabricksError.self) { try await creation.wait(within: .seconds(5)) }
        #expect(error?.code == .deadlineExceeded && error?.operation == "projects/p/operations/1")
        #expect(error?.message.contains("not done after 5.0 s; it continues at the service") == true)
        #expect(stub.time.pauses.reduce(.zero, +) == .seconds(5), "the last pause is cut at the deadline")
        isDone.withLock { $0 = true }
        let project = try await creation.wait(within: .seconds(5))
        #expect(project.name == "projects/p")
    }

    @Test func `look that takes for ever ends with the deadline`() async throws {
        let stub = StubbedClient { (_, number) async throws(DatabricksError) in
            if number > 1 {
                do {
                    try await Task.sleep(for: .seconds(3_600))
                } catch {
                    throw DatabricksError(code: .cancelled, message: "stopped")
                }
            }
            return .json(self.begun)
        }
        let creation = try await stub.client.postgres.createProject(id: "p")
        let error = await #expect(throws: DatabricksError.self) {
            try await creation.wait(deadline: .now.advanced(by: .milliseconds(200)))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func `deadline that has passed makes no call`() async throws {
        let stub = StubbedClient(answers: self.begun)
        let creation = try await stub.client.postgres.createProject(id: "p")
        let error = await #expect(throws: DatabricksError.self) {
            try await creation.wait(deadline: .now.advanced(by: .seconds(-1)))
        }
        #expect(error?.code == .deadlineExceeded && stub.transport.lines.count == 1)
    }

    @Test func `cancelling ends the wait and not the operation`() async throws {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let stub = StubbedClient { (_, number) async throws(DatabricksError) in
            if number == 2 { continuation.yield() }
            return .json(self.begun)
        }
        let creation = try await stub.client.postgres.createProject(id: "p")
        let error = await withTaskGroup(of: DatabricksError?.self) { group in
            group.addTask {
                do throws(DatabricksError) {
                    // A pause that the test's time would skip.
                    _ = try await creation.wait(polling: .init(step: .zero, jitter: .zero ... .zero))
                    return nil
                } catch {
                    return error
                }
            }
            for await _ in stream { break }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(error?.code == .cancelled)
        #expect(!stub.transport.lines.contains { $0.hasPrefix("DELETE") })
    }

    @Test func `look that fails is the error of the wait`() async throws {
        let stub = StubbedClient { (_, number) async throws(DatabricksError) in
            number == 1 ? .json(self.begun) : .json(#"{"error_code":"NOT_FOUND","message":"m"}"#, status: 404)
        }
        let creation = try await stub.client.postgres.createProject(id: "p")
        let error = await #expect(throws: DatabricksError.self) { try await creation.wait() }
        #expect(error?.code == .notFound && error?.httpStatus == 404)
    }

    @Test func `progress shows each state once, from the first to the last`() async throws {
        let stub = StubbedClient(answers: self.begun, self.begun, self.begun, self.done)
        let creation = try await stub.client.postgres.createProject(id: "p")
        var states: [Bool?] = []
        for try await state in creation.progress() { states.append(state.done) }
        #expect(states == [false, false, false, true])
        #expect(stub.time.pauses == [.milliseconds(1_050), .milliseconds(2_050)])
        let failed = StubbedClient(answers: #"{"name":"o","done":true,"error":{"error_code":"X"}}"#)
        let deletion = try await failed.client.postgres.deleteBranch("projects/p/branches/b")
        var errors: [String?] = []
        for try await state in deletion.progress() { errors.append(state.error?.errorCode) }
        #expect(errors == ["X"])
    }

    @Test func `endpoint settles when nothing is pending`() async throws {
        let stub = StubbedClient(
            answers: #"{"status":{"current_state":"INIT","pending_state":"ACTIVE"}}"#,
            #"{"status":{"current_state":"ACTIVE"}}"#)
        let endpoint = try await stub.client.postgres.endpointSettling("projects/p/branches/b/endpoints/e").wait()
        #expect(endpoint.status?.currentState == .active && stub.transport.lines.count == 2)
    }

    @Test func `pauses stay within their limits`() {
        let policy = PollingPolicy()
        #expect(policy.pause(after: 0, chance: 0) == .milliseconds(1_050))
        #expect(policy.pause(after: 1, chance: 7) == .milliseconds(1_750))
        #expect(policy.pause(after: .max, chance: 1) == .milliseconds(10_750))
    }
}
