//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQ

@Suite("The ledger of a pipeline")
struct PipelineLedgerTests {
    private typealias Ledger = PipelineLedger<String>

    @Test func `results that nothing was sent for are out of step`() {
        for status in [Ledger.Status.succeeded, .failed, .skipped, .synced, .complete] {
            var ledger = Ledger()
            guard case .outOfStep = ledger.received(status).0 else {
                Issue.record("\(status)")
                continue
            }
        }
        var ledger = Ledger()
        ledger.expect(.statement(0, sql: "a"))
        guard case .outOfStep = ledger.received(.complete).0, case .outOfStep = ledger.received(.synced).0 else {
            Issue.record("a statement without a result")
            return
        }
    }

    /// A server that runs random pipelines, and what each statement's caller must be told.
    @Test(arguments: 0..<50)
    func `every statement is answered once, by its own result`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var ledger = Ledger()
        var told: [Int: String] = [:]
        var expected: [Int: String] = [:]
        var unprepared: Set<String> = []
        var failedPreparations: Set<String> = []
        var answers: [Ledger.Status] = []
        var isAborted = false
        let each = random.chance(50)
        for number in 0..<200 {
            var fate = isAborted ? "skipped" : random.chance(20) ? "failed" : "succeeded"
            if random.chance(30) {
                ledger.expect(.preparation("p\(number)", of: number))
                let prepares = !isAborted && random.chance(70)
                answers += [isAborted ? .skipped : prepares ? .succeeded : .failed, .complete]
                if !prepares { failedPreparations.insert("p\(number)") }
                if !prepares, !isAborted {
                    fate = "failed"
                    answers += [.skipped, .complete]
                } else {
                    answers += [Self.status(fate), .complete]
                }
            } else {
                answers += [Self.status(fate), .complete]
            }
            ledger.expect(.statement(number, sql: "s\(number)"))
            expected[number] = fate
            if fate == "failed" { isAborted = true }
            if each || number == 199 {
                let failsLate = each && fate == "succeeded" && random.chance(10)
                ledger.expect(.sync(of: each ? number : nil))
                if failsLate {
                    answers += [.failed, .complete]
                    expected[number] = "failed"
                }
                answers.append(.synced)
                isAborted = false
            }
        }
        for status in answers {
            let (first, second) = ledger.received(status)
            for event in [first, second] {
                switch event {
                case .succeeded(let number, let sql):
                    #expect(told[number] == nil && sql == "s\(number)")
                    told[number] = "succeeded"
                case .failed(let number):
                    guard let number else { continue }
                    #expect(told[number] == nil || told[number] == "succeeded")
                    told[number] = "failed"
                case .skipped(let number): told[number] = "skipped"
                case .notPrepared(let name): unprepared.insert(name)
                case .none: break
                case .outOfStep: Issue.record("out of step at \(status)")
                }
            }
        }
        #expect(ledger.isEmpty && told == expected && unprepared == failedPreparations)
    }

    private static func status(_ fate: String) -> Ledger.Status {
        switch fate {
        case "succeeded": .succeeded
        case "failed": .failed
        default: .skipped
        }
    }

    @Test func `what was sent and not answered is named when the connection is lost`() {
        var ledger = Ledger()
        for number in 0..<3 {
            ledger.expect(.statement(number, sql: "s"))
            ledger.expect(.sync(of: number))
        }
        _ = ledger.received(.succeeded)
        _ = ledger.received(.complete)
        _ = ledger.received(.synced)
        #expect(ledger.abandon().statements == [1, 2])
        #expect(ledger.isEmpty)
    }
}
