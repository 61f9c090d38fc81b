//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Databricks

@Suite("Retries", .timeLimit(.minutes(1)))
struct RetryTests {
    @Test(
        arguments: [
            (.status(429, retryAfter: nil), false, .retry(after: .milliseconds(500))),
            (.status(503, retryAfter: .seconds(7)), false, .retry(after: .seconds(7))),
            // What the service asks for makes our own pause longer, and never shorter.
            (.status(503, retryAfter: .zero), false, .retry(after: .milliseconds(500))),
            (.status(429, retryAfter: .milliseconds(1)), false, .retry(after: .milliseconds(500))),
            (.status(429, retryAfter: .seconds(-5)), false, .retry(after: .milliseconds(500))),
            (.status(503, retryAfter: .seconds(Int64.max)), true, .giveUp),
            (.status(429, retryAfter: .seconds(60)), true, .giveUp),
            (.status(500, retryAfter: .seconds(1)), true, .giveUp), (.status(502, retryAfter: nil), true, .giveUp),
            (.status(504, retryAfter: nil), true, .giveUp), (.status(409, retryAfter: nil), true, .giveUp),
            (.status(401, retryAfter: nil), true, .giveUp), (.status(302, retryAfter: nil), true, .giveUp),
            (.notConnected, false, .retry(after: .milliseconds(500))),
            (.broken, false, .giveUp), (.broken, true, .retry(after: .milliseconds(500))), (.final, true, .giveUp),
        ] as [(RetryPolicy.Failure, Bool, RetryPolicy.Verdict)]
    )
    func `verdicts`(failure: RetryPolicy.Failure, isRepeatable: Bool, verdict: RetryPolicy.Verdict) {
        #expect(
            RetryPolicy().verdict(after: failure, attempt: 1, elapsed: .zero, isRepeatable: isRepeatable, jitter: 0)
                == verdict
        )
    }

    @Test func `pauses double to their limit, jitter halves them at most`() {
        let policy = RetryPolicy(totalLimit: .seconds(1_000))
        func pause(_ attempt: Int, _ jitter: Double) -> RetryPolicy.Verdict {
            policy.verdict(after: .notConnected, attempt: attempt, elapsed: .zero, isRepeatable: true, jitter: jitter)
        }
        let expected = [0.5, 1, 2, 4, 8, 10, 10]
        for (index, seconds) in expected.enumerated() {
            #expect(pause(index + 1, 0) == .retry(after: .seconds(seconds)))
        }
        #expect(pause(1, 1) == .retry(after: .milliseconds(250)))
        #expect(pause(Int.max, 0) == .retry(after: .seconds(10)))
    }

    @Test func `no pause that ends after the deadline is begun`() {
        let policy = RetryPolicy(totalLimit: .seconds(60))
        func verdict(_ elapsed: Double) -> RetryPolicy.Verdict {
            policy.verdict(
                after: .status(429, retryAfter: .seconds(5)), attempt: 3, elapsed: .seconds(elapsed),
                isRepeatable: true, jitter: 0)
        }
        #expect(verdict(54.9) == .retry(after: .seconds(5)))
        #expect(verdict(55) == .giveUp)
    }

    @Test func `attempts can be limited`() {
        let policy = RetryPolicy(maximumAttempts: 2)
        func verdict(_ attempt: Int) -> RetryPolicy.Verdict {
            policy.verdict(after: .notConnected, attempt: attempt, elapsed: .zero, isRepeatable: true, jitter: 0)
        }
        #expect(verdict(1) != .giveUp && verdict(2) == .giveUp)
    }

    private func get(_ sender: HTTPSender, isRepeatable: Bool = true) async throws(DatabricksError) -> TransportResponse
    {
        try await sender.send(
            TransportRequest(method: .get, url: "http://h/x"), operation: "GET /x", isRepeatable: isRepeatable
        )
    }

    @Test func `429 and 503 are tried again until they stop`() async throws {
        let time = PauseTime()
        let transport = StubTransport { (_, number) async throws(DatabricksError) in
            switch number {
            case 1: .json("{}", status: 429, headers: [("Retry-After", "3")])
            case 2: .json("{}", status: 503)
            default: .json("{}")
            }
        }
        #expect(try await self.get(time.sender(transport)).status == 200)
        #expect(time.pauses == [.seconds(3), .seconds(1)])
    }

    @Test func `endless 503 ends within the limit, with the number of attempts`() async {
        let time = PauseTime()
        let transport = StubTransport { (_, _) async throws(DatabricksError) in .json("{}", status: 503) }
        let error = await #expect(throws: DatabricksError.self) { try await self.get(time.sender(transport)) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasSuffix("(after \(transport.lines.count) attempts)") == true)
        #expect(time.pauses.reduce(.zero, +) < .seconds(60))
        #expect(transport.lines.count > 5)
    }

    @Test(arguments: ["0", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "NaN", "0.0", "+0"])
    func `service that asks for no pause is not asked without an end`(asked: String) async {
        let time = PauseTime()
        let transport = StubTransport { (_, _) async throws(DatabricksError) in
            .json("{}", status: 503, headers: [("Retry-After", asked)])
        }
        _ = await #expect(throws: DatabricksError.self) { try await self.get(time.sender(transport)) }
        // In a minute, with pauses that double from half a second to ten.
        #expect((6...16).contains(transport.lines.count), "\(transport.lines.count) requests")
        #expect(time.pauses.allSatisfy { $0 >= .milliseconds(250) })
    }

    @Test(arguments: ["99999999999999999999999999", "9999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
    func `service that asks for longer than anybody waits is left alone`(asked: String) async {
        let transport = StubTransport { (_, _) async throws(DatabricksError) in
            .json("{}", status: 429, headers: [("Retry-After", asked)])
        }
        let error = await #expect(throws: DatabricksError.self) { try await self.get(PauseTime().sender(transport)) }
        #expect(error?.code == .tooManyRequests && transport.lines.count == 1)
    }

    @Test func `500 is not tried again`() async {
        let transport = StubTransport { (_, _) async throws(DatabricksError) in .json("{}", status: 500) }
        let error = await #expect(throws: DatabricksError.self) { try await self.get(PauseTime().sender(transport)) }
        #expect(error?.code == .serverError && transport.lines.count == 1)
    }

    @Test(arguments: [true, false])
    func `broken connection is tried again only for what may be repeated`(isRepeatable: Bool) async throws {
        let transport = StubTransport { (_, number) async throws(DatabricksError) in
            if number == 1 { throw DatabricksError(code: .connectionFailed, message: "reset") }
            return .json("{}")
        }
        do {
            _ = try await self.get(PauseTime().sender(transport), isRepeatable: isRepeatable)
            #expect(isRepeatable)
        } catch {
            #expect(!isRepeatable && error.code == .connectionFailed)
        }
        #expect(transport.lines.count == (isRepeatable ? 2 : 1))
    }

    @Test func `attempt that never ends is cut off`() async {
        let isCancelled = Mutex(false)
        let transport = StubTransport { (_, _) async throws(DatabricksError) in
            do { try await Task.sleep(for: .seconds(600)) } catch { isCancelled.withLock { $0 = true } }
            throw DatabricksError(code: .cancelled, message: "")
        }
        var sender = PauseTime().sender(transport)
        sender.policy.attemptLimit = .milliseconds(20)
        let error = await #expect(throws: DatabricksError.self) { try await self.get(sender, isRepeatable: false) }
        #expect(error?.code == .deadlineExceeded)
        #expect(isCancelled.withLock { $0 })
    }

    @Test func `cancelled caller gets its error at once, in an attempt and in a pause`() async throws {
        let started = AsyncStream<Void>.makeStream()
        let slow = StubTransport { (_, _) async throws(DatabricksError) in
            started.continuation.yield()
            try? await Task.sleep(for: .seconds(600))
            throw DatabricksError(code: .cancelled, message: "")
        }
        let busy = StubTransport { (_, _) async throws(DatabricksError) in
            started.continuation.yield()
            return .json("{}", status: 503, headers: [("Retry-After", "50")])
        }
        var iterator = started.stream.makeAsyncIterator()
        for transport in [slow, busy] {
            let sender = HTTPSender(transport: transport, policy: .init(), logger: LogStore().logger)
            let task = Task { try await self.get(sender) }
            _ = await iterator.next()
            task.cancel()
            let error = await #expect(throws: DatabricksError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }
}
