//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import TestSupport
import Testing

@Suite("Handlers of notices")
struct NoticeTests {
    private final class Heard: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { self.texts.withLock { $0 } }
        func handler(_ name: String) -> @Sendable (PQServerError) -> Void {
            { notice in self.texts.withLock { $0.append("\(name) \(notice.severity) \(notice.message)") } }
        }
    }

    private func raise(_ level: String, _ text: String) -> PQQuery {
        "DO $$ BEGIN RAISE \(unescaped: level) '\(unescaped: text)' USING HINT = 'h', DETAIL = 'd'; END $$"
    }

    @Test func `each handler gets each notice before the statement returns, until it is removed`() async throws {
        let log = LogStore()
        let heard = Heard()
        let seen = Mutex<[PQServerError]>([])
        try await withConnection(logger: log.logger) { connection in
            let first = await connection.onNotice(heard.handler("first"))
            await connection.onNotice(heard.handler("second"))
            await connection.onNotice { notice in seen.withLock { $0.append(notice) } }
            try await connection.query(self.raise("WARNING", "one"))
            #expect(heard.all == ["first WARNING one", "second WARNING one"])
            await first.cancel()
            await first.cancel()
            try await connection.query(self.raise("NOTICE", "two"))
            #expect(heard.all.suffix(1) == ["second NOTICE two"] && heard.all.count == 3)
            for try await _ in connection.stream("SELECT 1") {}
            try await connection.query("CREATE TABLE IF NOT EXISTS pg_temp.noticed (a int)")
            try await connection.query("CREATE TABLE IF NOT EXISTS pg_temp.noticed (a int)")
            #expect(heard.all.last?.contains("already exists") == true)
        }
        let notice = try #require(seen.withLock { $0.first })
        #expect(notice.hint == "h" && notice.detail == "d" && notice.sqlState.rawValue == "01000")
        #expect(log.lines.contains { $0.hasPrefix("debug ") && $0.contains("one") })
    }

    @Test func `a handler of a lease ends with the lease`() async throws {
        let heard = Heard()
        try await withConnection { connection in
            await connection.onNotice(heard.handler("pool"))
            let leased = connection.leased()
            await leased.onNotice(heard.handler("lease"))
            try await leased.query(self.raise("NOTICE", "one"))
            #expect(leased.endLease() == [.observers, .state])
            await connection.settle(resets: false)
            #expect(!connection.leftBehind.contains(.observers))
            await leased.onNotice(heard.handler("late"))
            try await connection.query(self.raise("NOTICE", "two"))
            #expect(heard.all == ["pool NOTICE one", "lease NOTICE one", "pool NOTICE two"])
        }
    }
}
