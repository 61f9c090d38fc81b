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

    private static func text(_ name: [CChar]?) -> String? {
        name.map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
    }
}
