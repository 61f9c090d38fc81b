//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// What visitors wrote.
struct Message: Sendable, Hashable {
    var id: Int
    var text: String
}

/// The messages in the database; values become parameters of the statement, never part of its text.
struct Messages: Sendable {
    let lakebase: LakebaseClient

    /// The newest first, at most 50.
    func newest() async throws -> [Message] {
        try await self.lakebase.query("SELECT id, text FROM messages ORDER BY id DESC LIMIT 50")
            .decode((Int, String).self)
            .map { Message(id: $0.0, text: $0.1) }
    }

    /// Keeps a message.
    func add(_ text: String) async throws {
        try await self.lakebase.query("INSERT INTO messages (text) VALUES (\(text))")
    }
}
