//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Which statements a connection has prepared, least recently used first out.
///
/// A statement is prepared when its text is seen for the second time, so that texts used once cost nothing extra.
struct StatementCache {
    struct Key: Hashable {
        var sql: String
        var types: [PQDataType]

        init(sql: String, types: [PQDataType]) {
            self.sql = sql
            self.types = types
        }

        init(_ query: PQQuery) {
            self.init(sql: query.sql, types: query.bindings.parameters.map(\.type))
        }

        func matches(_ query: PQQuery) -> Bool {
            self.types.count == query.bindings.count
                && self.types.indices.allSatisfy { self.types[$0] == query.bindings.parameters[$0].type }
                && self.sql == query.sql
        }
    }

    enum Action: Equatable {
        /// Send text and values together; the server forgets the statement afterwards.
        case runUnprepared
        /// Prepare it under `name` first.
        case prepare(name: String)
        case runPrepared(name: String)
    }

    private struct Entry {
        var name: String?
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var clock: UInt64 = 0
    private var counter: UInt64 = 0

    /// A capacity of 0 turns preparing off.
    init(capacity: Int) { self.capacity = capacity }

    var preparedCount: Int { self.entries.values.count { $0.name != nil } }

    /// The statement used last, if it is prepared: found without hashing its text.
    private var latest = Latest()

    private struct Latest {
        var key = Key(sql: "", types: [])
        /// As libpq wants it; empty when there is none.
        var name: [CChar] = []
    }

    /// The name that a statement is prepared under, with its final NUL, if it is; counts as a use then.
    mutating func preparedName(_ query: PQQuery) -> [CChar]? {
        if !self.latest.name.isEmpty, self.latest.key.matches(query) { return self.latest.name }
        let key = Key(query)
        guard let index = self.entries.index(forKey: key), let name = self.entries.values[index].name else {
            return nil
        }
        self.clock += 1
        self.entries.values[index].lastUse = self.clock
        self.latest = Latest(key: key, name: Array(name.utf8CString))
        return self.latest.name
    }

    mutating func use(_ key: Key) -> Action {
        guard self.capacity > 0 else { return .runUnprepared }
        self.latest = Latest()
        self.clock += 1
        if let index = self.entries.index(forKey: key) {
            self.entries.values[index].lastUse = self.clock
            if let name = self.entries.values[index].name { return .runPrepared(name: name) }
            self.counter += 1
            return .prepare(name: "lakebase_\(self.counter)")
        }
        if self.entries.count >= self.capacity { self.evictOldest() }
        self.entries[key] = Entry(name: nil, lastUse: self.clock)
        return .runUnprepared
    }

    /// Names the server still knows and nobody uses any more.
    private(set) var pendingDeallocations: [String] = []

    mutating func takeDeallocations() -> [String] {
        defer { self.pendingDeallocations = [] }
        return self.pendingDeallocations
    }

    mutating func didPrepare(_ key: Key, name: String) {
        self.entries[key]?.name = name
    }

    /// The server no longer knows the statement, or refuses it after a change of schema.
    mutating func forget(_ key: Key) {
        self.latest = Latest()
        guard let entry = self.entries.removeValue(forKey: key), let name = entry.name else { return }
        self.pendingDeallocations.append(name)
    }

    /// Everything prepared is gone on the server (`DISCARD ALL`, `DEALLOCATE ALL`).
    mutating func forgetAll() {
        self.latest = Latest()
        self.entries.removeAll()
        self.pendingDeallocations = []
    }

    private mutating func evictOldest() {
        guard let oldest = self.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        self.forget(oldest.key)
    }
}
