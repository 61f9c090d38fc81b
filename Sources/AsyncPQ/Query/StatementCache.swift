//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The statements that a connection has prepared; the least recently used is dropped first.
///
/// A statement is prepared when its text is seen for the second time, so that texts used once cost nothing extra. Texts
/// are compared as bytes, as the server does: `caf\u{E9}` and `cafe\u{301}` are two names.
struct StatementCache {
    /// A text and the types of its parameters, hashed once.
    struct Key {
        let sql: String
        let types: [PQDataType]
        fileprivate let hash: Int

        init(sql: String, types: [PQDataType]) {
            self.sql = sql
            self.types = types
            self.hash = StatementHash.value(sql, types.count) { types[$0] }
        }

        init(_ query: PQQuery) {
            self.init(sql: query.sql, types: query.bindings.parameters.map(\.type))
        }

        /// An estimate of the statement's memory on the server: its text, and a part for each parameter.
        fileprivate var weight: Int { self.sql.utf8.count + self.types.count * 64 }
    }

    enum Action: Equatable {
        /// Send text and values together; the server forgets the statement afterwards.
        case runUnprepared
        /// Prepare the statement under `name` first.
        case prepare(name: String)
        case runPrepared(name: String)
    }

    private struct Entry {
        let sql: String
        let types: [PQDataType]
        /// The search path of the session under which it was prepared.
        let variant: Int
        let weight: Int
        var name: String?
        var lastUse: UInt64
        /// How often the server refused the statement because it had become stale.
        var failures = 0
        /// Whether the statement changes the session.
        var changesSession = false

        func matches(_ query: PQQuery) -> Bool { Self.equal(self.sql, self.types, query) }

        func matches(_ key: Key) -> Bool { self.types == key.types && self.sql.isExactly(key.sql) }

        static func equal(_ sql: String, _ types: [PQDataType], _ query: PQQuery) -> Bool {
            types.count == query.bindings.count
                && types.indices.allSatisfy { types[$0] == query.bindings.parameters[$0].type }
                && sql.isExactly(query.sql)
        }
    }

    /// Larger statements are run and forgotten: a bulk insert of thousands of values occupies megabytes on the server.
    static let largestWeight = 32 * 1024
    /// The limit for the weight of all statements together.
    static let largestTotal = 1024 * 1024
    /// A text that became stale more often is no longer prepared: it is used with alternating schemas.
    private static let patience = 2

    private let capacity: Int
    /// The entries by the hash of key and variant; an entry that is found still has to be compared.
    private var entries: [Int: Entry] = [:]
    private var total = 0
    private var clock: UInt64 = 0
    private var counter: UInt64 = 0
    private var variant = 0

    /// Creates a cache; a capacity of 0 turns preparing off.
    init(capacity: Int) { self.capacity = capacity }

    var preparedCount: Int { self.entries.values.count { $0.name != nil } }

    /// The statement used last, if it is prepared: found without hashing its text.
    private var latest = Latest()

    private struct Latest {
        var sql = ""
        var types: [PQDataType] = []
        var changesSession = false
        /// The name in the form that libpq expects; empty when there is none.
        var name: [CChar] = []
    }

    /// Whether the statement that ``preparedName(_:)`` found last changes the session.
    var latestChangesSession: Bool { self.latest.changesSession }

    /// The name under which a statement is prepared, with its final NUL; nil if it is not prepared.
    ///
    /// Allocates nothing for the statement used last.
    mutating func preparedName(_ query: PQQuery) -> [CChar]? {
        if !self.latest.name.isEmpty, Entry.equal(self.latest.sql, self.latest.types, query) {
            return self.latest.name
        }
        let parameters = query.bindings.parameters
        let place = self.place(StatementHash.value(query.sql, parameters.count) { parameters[$0].type })
        guard let index = self.entries.index(forKey: place), let name = self.entries.values[index].name,
            self.entries.values[index].variant == self.variant, self.entries.values[index].matches(query)
        else { return nil }
        self.clock += 1
        self.entries.values[index].lastUse = self.clock
        let entry = self.entries.values[index]
        self.latest = Latest(
            sql: entry.sql, types: entry.types, changesSession: entry.changesSession, name: Array(name.utf8CString))
        return self.latest.name
    }

    /// - Parameter mayPrepare: Whether the server may keep one more statement now.
    mutating func use(_ key: Key, mayPrepare: Bool = true) -> Action {
        guard self.capacity > 0, key.weight <= Self.largestWeight else { return .runUnprepared }
        self.latest = Latest()
        self.clock += 1
        let place = self.place(key.hash)
        if let index = self.entries.index(forKey: place) {
            let entry = self.entries.values[index]
            // Two texts of one hash: the first keeps the place.
            guard entry.variant == self.variant, entry.matches(key) else { return .runUnprepared }
            self.entries.values[index].lastUse = self.clock
            if let name = entry.name { return .runPrepared(name: name) }
            guard mayPrepare, entry.failures <= Self.patience else { return .runUnprepared }
            self.counter += 1
            return .prepare(name: "lakebase_\(self.counter)")
        }
        while !self.entries.isEmpty,
            self.entries.count >= self.capacity || self.total + key.weight > Self.largestTotal
        {
            self.evictOldest()
        }
        self.total += key.weight
        self.entries[place] = Entry(
            sql: key.sql, types: key.types, variant: self.variant, weight: key.weight, name: nil, lastUse: self.clock)
        return .runUnprepared
    }

    /// Names of prepared statements that the server still has and the cache no longer uses.
    private(set) var pendingDeallocations: [String] = []

    /// How many names may wait for their deallocation.
    var pendingLimit: Int { min(32, max(2, self.capacity / 4)) }

    /// Whether it is time to deallocate names on the server.
    var hasManyPending: Bool { self.pendingDeallocations.count >= self.pendingLimit }

    mutating func takeDeallocations() -> [String] {
        defer { self.pendingDeallocations = [] }
        return self.pendingDeallocations
    }

    /// Keeps names whose deallocation failed.
    mutating func postpone(_ names: some Sequence<String>) { self.pendingDeallocations += names }

    mutating func didPrepare(_ key: Key, name: String, changesSession: Bool = false) {
        let place = self.place(key.hash)
        guard let entry = self.entries[place], entry.variant == self.variant, entry.matches(key) else {
            // No lookup would find it.
            self.pendingDeallocations.append(name)
            return
        }
        self.entries[place]?.name = name
        self.entries[place]?.changesSession = changesSession
    }

    /// Undoes ``didPrepare(_:name:changesSession:)`` for a statement that the server did not prepare after all.
    mutating func withdraw(_ key: Key, name: String) {
        self.latest = Latest()
        let place = self.place(key.hash)
        guard let entry = self.entries[place], entry.matches(key), let current = entry.name,
            current.isExactly(name)
        else { return }
        self.entries[place]?.name = nil
    }

    /// Forgets a statement that the server no longer knows, or refuses after a change of schema.
    ///
    /// Returns false where it was not prepared.
    @discardableResult
    mutating func forget(_ key: Key) -> Bool {
        self.latest = Latest()
        let place = self.place(key.hash)
        guard let entry = self.entries[place], entry.matches(key), let name = entry.name else { return false }
        self.entries[place]?.name = nil
        self.entries[place]?.failures += 1
        self.pendingDeallocations.append(name)
        return true
    }

    /// Has each statement prepared again at its next use, because the schema may have changed.
    mutating func forgetNames() {
        self.latest = Latest()
        for place in self.entries.keys {
            guard let name = self.entries[place]?.name else { continue }
            self.entries[place]?.name = nil
            self.pendingDeallocations.append(name)
        }
    }

    /// Forgets all statements, after `DISCARD ALL` or `DEALLOCATE ALL`.
    mutating func forgetAll() {
        self.latest = Latest()
        self.entries.removeAll()
        self.total = 0
        self.pendingDeallocations = []
    }

    // MARK: Search paths

    private var variants: [ExactText: Int] = [:]

    /// Sets the search path that holds from now on; nil for the session's own.
    ///
    /// A statement is prepared for each search path separately: one text means other tables there, with other columns.
    mutating func useSearchPath(_ path: String?) {
        guard let path else {
            if self.variant != 0 { self.latest = Latest() }
            self.variant = 0
            return
        }
        self.latest = Latest()
        // As many as there are statements; a program with more of them does not benefit from remembering statements for
        // each.
        if self.variants.count >= max(self.capacity, 1) { self.variants.removeAll() }
        self.lastVariant += 1
        self.variant = self.variants[ExactText(path)] ?? self.lastVariant
        self.variants[ExactText(path)] = self.variant
    }

    private var lastVariant = 0

    // MARK: Inside

    private func place(_ hash: Int) -> Int { hash ^ (self.variant &* 0x1E37_79B9_7F4A_7C15) }

    private mutating func evictOldest() {
        guard let oldest = self.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        self.entries[oldest.key] = nil
        self.total -= oldest.value.weight
        if let name = oldest.value.name { self.pendingDeallocations.append(name) }
        self.latest = Latest()
    }
}

/// Hashes texts of statements as bytes, without allocating.
enum StatementHash {
    @inline(__always)
    static func value(_ sql: String, _ count: Int, _ type: (Int) -> PQDataType) -> Int {
        var hasher = Hasher()
        hasher.combine(ExactText(sql))
        for index in 0..<count { hasher.combine(type(index).rawValue) }
        return hasher.finalize()
    }
}
