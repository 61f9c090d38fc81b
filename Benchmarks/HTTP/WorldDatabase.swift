//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Shared with the peer on PostgresNIO, which script/bench builds outside of this package.

/// A row of the table `world`, which has 10,000.
struct World: Sendable {
    var id: Int32
    var randomNumber: Int32

    static let count: Int32 = 10_000
}

/// A row of the table `fortune`.
struct Fortune: Sendable {
    var id: Int32
    var message: String
}

/// What the routes need of a client of the database.
protocol WorldDatabase: Sendable {
    /// Selects one row.
    func world(_ id: Int32) async throws -> World

    /// Selects a row for each number, by one query after the other.
    func worlds(_ ids: [Int32]) async throws -> [World]

    /// Selects all fortunes.
    func fortunes() async throws -> [Fortune]

    /// Updates a row for each value, by a statement each, all or none.
    func update(_ worlds: [World]) async throws
}
