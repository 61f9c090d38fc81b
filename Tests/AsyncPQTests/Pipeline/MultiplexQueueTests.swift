//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQ

@Suite("Multiplexing: the queue of a connection")
struct MultiplexQueueTests {
    private typealias Queue = MultiplexQueue<Int, Int>

    /// Random lives of a queue beside a plain list.
    @Test(arguments: 0..<50)
    func `every caller gets its own answer once, unless it gives up`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var queue = Queue()
        var now = ContinuousClock.now
        var unsent: [Int] = []
        var sent: [[Int]] = []
        var undone: Set<Int> = []
        var abandoned: Set<Int> = []
        var resumed: [Int: Int] = [:]
        var asked = 0
        for _ in 0..<2000 {
            now += .microseconds(random.next(below: 500))
            switch random.next(below: 100) {
            case ..<35:
                queue.add(asked, asked * 10, asked)
                unsent.append(asked)
                asked += 1
            case ..<55:
                let taken = queue.takeUnsent()
                #expect(taken.map(\.caller) == unsent && taken.map(\.statement) == unsent.map { $0 * 10 })
                var batch: [Int] = []
                for (index, statement) in taken.enumerated() {
                    #expect(statement.wasUndone == undone.contains(statement.caller))
                    queue.didSend(statement, at: now)
                    batch.append(statement.caller)
                    guard index == taken.count - 1 || statement.wasUndone || random.chance(2) else { continue }
                    queue.endBatch()
                    sent.append(batch)
                    batch = []
                }
                unsent = []
            case ..<80:
                #expect(queue.firstBatchCount == sent.first?.count ?? 0)
                let answer = queue.answered(at: now)
                let expected = sent.isEmpty ? [] : sent.removeFirst()
                #expect(answer.batch.map(\.caller) == expected.map { abandoned.contains($0) ? nil : $0 })
                #expect(answer.batch.map(\.statement) == expected.map { $0 * 10 })
                #expect(answer.took >= .zero)
                for caller in expected where !abandoned.contains(caller) { resumed[caller, default: 0] += 1 }
            case ..<90:
                let batch = sent.isEmpty ? [] : sent.removeFirst()
                let again = batch.filter { !abandoned.contains($0) }
                #expect(queue.undone(at: now) == batch.filter(abandoned.contains).map { $0 * 10 })
                undone.formUnion(again)
                unsent = again + unsent
            case ..<98:
                guard asked > 0 else { continue }
                let caller = random.next(below: asked)
                switch queue.abandon(caller) {
                case .unsent(let statement, let found):
                    #expect(found == caller && statement == caller * 10 && unsent.contains(caller))
                    unsent.removeAll { $0 == caller }
                    resumed[caller, default: 0] += 1
                case .sent(let found):
                    #expect(found == caller && sent.joined().contains(caller) && !abandoned.contains(caller))
                    abandoned.insert(caller)
                    resumed[caller, default: 0] += 1
                case .unknown:
                    #expect(!unsent.contains(caller) && (!sent.joined().contains(caller) || abandoned.contains(caller)))
                }
            default:
                guard random.chance(20) else { continue }
                let end = queue.end()
                #expect(end.sent.map(\.caller) == sent.joined().map { abandoned.contains($0) ? nil : $0 })
                #expect(end.sent.map(\.statement) == sent.joined().map { $0 * 10 })
                #expect(end.unsent.map(\.caller) == unsent)
                for caller in end.sent.compactMap(\.caller) + end.unsent.map(\.caller) {
                    resumed[caller, default: 0] += 1
                }
                (sent, unsent) = ([], [])
            }
            #expect(queue.sentCount == sent.joined().count && queue.hasUnsent == !unsent.isEmpty)
        }
        for caller in queue.end().sent.compactMap(\.caller) { resumed[caller, default: 0] += 1 }
        for caller in unsent { resumed[caller, default: 0] += 1 }
        #expect(resumed.count == asked && resumed.values.allSatisfy { $0 == 1 })
    }

    /// Sends statements as batches of these sizes.
    private func send(_ sizes: [Int], to queue: inout Queue, at now: ContinuousClock.Instant) {
        for size in sizes {
            for number in 0..<size {
                queue.didSend(Queue.Unsent(id: number, statement: 0, caller: number), at: now)
            }
            queue.endBatch()
        }
    }

    @Test func `a batch is charged only with the time after the one before it, each statement alike`() {
        var queue = Queue()
        let start = ContinuousClock.now
        self.send([1, 4, 1], to: &queue, at: start)
        #expect(queue.answered(at: start + .milliseconds(30)).took == .milliseconds(30))
        #expect(queue.answered(at: start + .milliseconds(32)).took == .microseconds(500))
        #expect(queue.answered(at: start + .milliseconds(32)).took == .zero)
        // One that comes later is not charged with the silence before it.
        self.send([1], to: &queue, at: start + .seconds(5))
        #expect(queue.answered(at: start + .seconds(5) + .milliseconds(2)).took == .milliseconds(2))
    }

    @Test func `after a failure statements are batches by themselves for a while`() {
        var queue = Queue()
        let now = ContinuousClock.now
        #expect(queue.mayCombine() == true)
        self.send([3, 1], to: &queue, at: now)
        #expect(queue.undone(at: now).isEmpty)
        for _ in 0..<Queue.caution - 1 { #expect(queue.mayCombine() == false) }
        // One that fails by itself counts as well.
        _ = queue.answered(failed: true, at: now)
        for _ in 0..<Queue.caution { #expect(queue.mayCombine() == false) }
        #expect(queue.mayCombine() == true)
    }

    @Test func `a batch that is not complete has no answer`() {
        var queue = Queue()
        queue.didSend(Queue.Unsent(id: 0, statement: 0, caller: 0), at: .now)
        #expect(queue.firstBatchCount == 0 && queue.sentCount == 1)
        #expect(queue.answered(at: .now).batch.isEmpty && queue.undone(at: .now).isEmpty)
        queue.endBatch()
        #expect(queue.answered(at: .now).batch.map(\.caller) == [0])
    }
}

@Suite("Multiplexing: which statements may share")
struct StatementTimesTests {
    private func kind(_ verdict: StatementTimes.Verdict) -> String {
        switch verdict {
        case .short: "short"
        case .measure: "measure"
        case .alone: "alone"
        }
    }

    @Test func `a statement is short once it was short twice, and long again after one long run`() {
        var times = StatementTimes(limit: .milliseconds(2))
        let query: PQQuery = "SELECT name FROM users WHERE id = \(1)"
        func record(_ took: Duration) {
            switch times.verdict(query) {
            case .short(let slot), .measure(let slot): times.record(slot, took: took)
            case .alone: Issue.record("not a reading statement")
            }
        }
        #expect(self.kind(times.verdict(query)) == "measure")
        record(.microseconds(200))
        #expect(self.kind(times.verdict(query)) == "measure")
        record(.microseconds(200))
        #expect(self.kind(times.verdict(query)) == "short")
        record(.milliseconds(40))
        #expect(self.kind(times.verdict(query)) == "measure")
        // However long it took: it can prove itself again.
        record(.seconds(3600))
        var runs = 0
        while self.kind(times.verdict(query)) != "short", runs < 1000 {
            record(.microseconds(200))
            runs += 1
        }
        #expect(runs > 5 && runs < 100)
    }

    @Test func `texts are compared as bytes, and their number is bounded`() {
        var times = StatementTimes(limit: .milliseconds(2), capacity: 4)
        let composed: PQQuery = "SELECT 'caf\u{E9}'"
        for _ in 0..<3 { if case .measure(let slot) = times.verdict(composed) { times.record(slot, took: .zero) } }
        #expect(self.kind(times.verdict(composed)) == "short")
        #expect(self.kind(times.verdict("SELECT 'cafe\u{301}'")) == "measure")
        guard case .short(let old) = times.verdict(composed) else { return }
        for number in 0..<10 { _ = times.verdict(PQQuery(unsafeSQL: "SELECT \(number)")) }
        // A place from before the table was emptied says nothing any more.
        times.record(old, took: .seconds(10))
        #expect(self.kind(times.verdict(composed)) == "measure")
        #expect(
            self.kind(times.verdict(PQQuery(unsafeSQL: "SELECT " + String(repeating: "1+", count: 20_000) + "1")))
                == "alone")
    }

    @Test(arguments: [
        "SELECT 1", "select * from notes where id = $1", "  \n(SELECT 1)", "WITH a AS (SELECT 1) SELECT * FROM a",
        "VALUES (1)", "TABLE notes", "SELECT updated_at, deleted FROM inserts",
    ])
    func `statements that only read may share`(sql: String) { #expect(ReadingStatement.isOne(sql)) }

    @Test(arguments: [
        "", "INSERT INTO a VALUES (1)", "UPDATE a SET b = 1", "DELETE FROM a", "MERGE INTO a", "BEGIN", "COMMIT",
        "ROLLBACK", "SET a = b", "RESET ALL", "SHOW all", "COPY a FROM STDIN", "LISTEN a", "NOTIFY a", "CALL f()",
        "DO $$ $$", "LOCK TABLE a", "SELECT 1 FOR UPDATE", "SELECT 1 FOR NO KEY UPDATE", "SELECT 1 FOR SHARE",
        "SELECT 1 FOR KEY SHARE", "SELECT 1 INTO a", "WITH a AS (INSERT INTO b VALUES (1) RETURNING *) SELECT * FROM a",
        "WITH a AS (DELETE FROM b RETURNING *) TABLE a", "SELECT nextval('a')", "SELECT setval('a', 1)",
        "SELECT set_config('a', 'b', false)", "SELECT pg_advisory_lock(1)", "SELECT pg_advisory_xact_lock(1)",
        "SELECT pg_try_advisory_lock(1)", "SELECT pg_notify('a', 'b')", "SELECT lo_unlink(1)", "SELECT dblink('a')",
        "CREATE TEMP TABLE a AS SELECT 1", "EXPLAIN ANALYZE DELETE FROM a", "DECLARE c CURSOR FOR SELECT 1",
        "FETCH 1 FROM c", "PREPARE a AS SELECT 1", "EXECUTE a", "DISCARD ALL", "VACUUM", "SELECT pg_sleep(1)",
        "/* SELECT */ DELETE FROM a", "SELECT pg_terminate_backend(1)",
    ])
    func `all others have a connection to themselves`(sql: String) { #expect(!ReadingStatement.isOne(sql)) }
}
