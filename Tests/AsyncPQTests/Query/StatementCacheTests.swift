//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

@Suite("Statement cache")
struct StatementCacheTests {
    private func key(_ sql: String, _ types: [PQDataType] = []) -> StatementCache.Key { .init(sql: sql, types: types) }

    @Test func `a statement is prepared at its second use and run prepared from the third`() {
        var cache = StatementCache(capacity: 4)
        #expect(cache.use(self.key("a")) == .runUnprepared)
        guard case .prepare(let name) = cache.use(self.key("a")) else {
            Issue.record("not prepared")
            return
        }
        cache.didPrepare(self.key("a"), name: name)
        #expect(cache.use(self.key("a")) == .runPrepared(name: name))
        #expect(cache.preparedCount == 1)
    }

    @Test func `the same text with other types is another statement`() {
        var cache = StatementCache(capacity: 4)
        #expect(cache.use(self.key("a", [.int8])) == .runUnprepared)
        #expect(cache.use(self.key("a", [.text])) == .runUnprepared)
        #expect(cache.use(self.key("a", [.int8])) != .runUnprepared)
    }

    @Test func `a preparation that failed is tried again under another name`() {
        var cache = StatementCache(capacity: 4)
        _ = cache.use(self.key("a"))
        let first = cache.use(self.key("a"))
        let second = cache.use(self.key("a"))
        #expect(first != second)
        guard case .prepare = second else {
            Issue.record("\(second)")
            return
        }
    }

    @Test func `the least recently used statement goes first, and its name is given back once`() {
        var cache = StatementCache(capacity: 2)
        for text in ["a", "b"] {
            _ = cache.use(self.key(text))
            guard case .prepare(let name) = cache.use(self.key(text)) else { continue }
            cache.didPrepare(self.key(text), name: name)
        }
        _ = cache.use(self.key("a"))
        #expect(cache.use(self.key("c")) == .runUnprepared)
        #expect(cache.takeDeallocations() == ["lakebase_2"])
        #expect(cache.takeDeallocations() == [])
        #expect(cache.use(self.key("a")) == .runPrepared(name: "lakebase_1"))
        #expect(cache.use(self.key("b")) == .runUnprepared)
    }

    @Test func `forgetting everything leaves nothing to deallocate`() {
        var cache = StatementCache(capacity: 1)
        _ = cache.use(self.key("a"))
        _ = cache.use(self.key("a"))
        cache.didPrepare(self.key("a"), name: "x")
        cache.forget(self.key("a"))
        cache.forgetAll()
        #expect(cache.takeDeallocations() == [])
        #expect(cache.preparedCount == 0)
        #expect(cache.use(self.key("a")) == .runUnprepared)
    }

    @Test func `a capacity of nought never prepares`() {
        var cache = StatementCache(capacity: 0)
        for _ in 0..<5 { #expect(cache.use(self.key("a")) == .runUnprepared) }
    }

    @Test func `a prepared statement is found by its text and types, until it is forgotten`() {
        var cache = StatementCache(capacity: 4)
        let one: PQQuery = "SELECT \(Int32(1))"
        let other: PQQuery = "SELECT \(Int64(1))"
        #expect(cache.preparedName(one) == nil)
        for query in [one, other] {
            let key = StatementCache.Key(query)
            #expect(cache.use(key) == .runUnprepared)
            guard case .prepare(let name) = cache.use(key) else {
                Issue.record("not prepared at the second use")
                return
            }
            cache.didPrepare(key, name: name)
        }
        let names = [cache.preparedName(one), cache.preparedName(one), cache.preparedName(other)].map(Self.text)
        #expect(names == ["lakebase_1", "lakebase_1", "lakebase_2"])
        cache.forget(StatementCache.Key(other))
        let left = [cache.preparedName(other), cache.preparedName(one)].map(Self.text)
        #expect(left == [nil, "lakebase_1"])
        _ = cache.preparedName(one)
        cache.forgetAll()
        let none = cache.preparedName(one)
        #expect(none == nil)
    }

    /// Prepares a text, and says under which name.
    @discardableResult
    private func prepare(_ sql: String, _ types: [PQDataType] = [], in cache: inout StatementCache) -> String? {
        _ = cache.use(self.key(sql, types))
        guard case .prepare(let name) = cache.use(self.key(sql, types)) else { return nil }
        cache.didPrepare(self.key(sql, types), name: name)
        return name
    }

    @Test func `texts that differ in Unicode normal form only are two statements`() {
        var cache = StatementCache(capacity: 8)
        let (composed, decomposed) = ("SELECT 'caf\u{E9}'", "SELECT 'cafe\u{301}'")
        #expect(composed == decomposed)
        self.prepare(composed, in: &cache)
        let names = [PQQuery(unsafeSQL: composed), PQQuery(unsafeSQL: decomposed)].map {
            Self.text(cache.preparedName($0))
        }
        #expect(names == ["lakebase_1", nil])
        #expect(cache.use(self.key(decomposed)) == .runUnprepared)
        #expect(cache.use(self.key(composed)) == .runPrepared(name: "lakebase_1"))
        cache.forget(self.key(decomposed))
        #expect(cache.use(self.key(composed)) == .runPrepared(name: "lakebase_1"))
    }

    @Test func `a heavy statement is never prepared, by its text or by its parameters`() {
        var cache = StatementCache(capacity: 8)
        let long = "SELECT '\(String(repeating: "x", count: StatementCache.largestWeight))'"
        for _ in 0..<4 {
            #expect(cache.use(self.key(long)) == .runUnprepared)
            #expect(cache.use(self.key("a", Array(repeating: .int8, count: 20_000))) == .runUnprepared)
        }
        #expect(cache.preparedCount == 0)
    }

    @Test func `what is remembered weighs no more than a megabyte`() {
        var cache = StatementCache(capacity: 1000)
        for number in 0..<200 {
            self.prepare("SELECT \(number), '\(String(repeating: "x", count: 20_000))'", in: &cache)
        }
        #expect(cache.preparedCount == 1024 * 1024 / 20_030)
        #expect(cache.preparedCount + cache.takeDeallocations().count == 200)
    }

    @Test func `a text that goes stale again and again is no longer prepared`() {
        var cache = StatementCache(capacity: 8)
        self.prepare("a", in: &cache)
        for _ in 0..<2 {
            cache.forget(self.key("a"))
            guard case .prepare(let name) = cache.use(self.key("a")) else {
                Issue.record("not prepared anew")
                return
            }
            cache.didPrepare(self.key("a"), name: name)
        }
        cache.forget(self.key("a"))
        #expect(cache.use(self.key("a")) == .runUnprepared)
        #expect(cache.takeDeallocations() == ["lakebase_1", "lakebase_2", "lakebase_3"])
    }

    @Test func `when all have gone stale each is prepared anew at its next use`() {
        var cache = StatementCache(capacity: 8)
        for text in ["a", "b"] { self.prepare(text, in: &cache) }
        cache.forgetNames()
        #expect(Set(cache.takeDeallocations()) == ["lakebase_1", "lakebase_2"])
        #expect(cache.use(self.key("a")) == .prepare(name: "lakebase_3"))
    }

    @Test func `each search path has statements of its own`() {
        var cache = StatementCache(capacity: 8)
        self.prepare("a", in: &cache)
        cache.useSearchPath("one")
        #expect(cache.preparedName(PQQuery(unsafeSQL: "a")) == nil)
        #expect(self.prepare("a", in: &cache) == "lakebase_2")
        cache.useSearchPath("two")
        #expect(cache.use(self.key("a")) == .runUnprepared)
        cache.useSearchPath("one")
        #expect(Self.text(cache.preparedName(PQQuery(unsafeSQL: "a"))) == "lakebase_2")
        cache.useSearchPath(nil)
        #expect(Self.text(cache.preparedName(PQQuery(unsafeSQL: "a"))) == "lakebase_1")
    }

    @Test func `where no more may be left with the server, nothing is prepared`() {
        var cache = StatementCache(capacity: 8)
        _ = cache.use(self.key("a"))
        #expect(cache.use(self.key("a"), mayPrepare: false) == .runUnprepared)
        #expect(cache.use(self.key("a")) == .prepare(name: "lakebase_1"))
    }

    private static func text(_ name: [CChar]?) -> String? {
        name.map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
    }
}
