//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

extension PQConnection {
    /// Whether the server has an extension, created or not.
    func has(_ name: String) async throws -> Bool {
        try await self.cell("SELECT count(*) FROM pg_available_extensions WHERE name = \(name)", as: Int.self) == 1
    }

    /// Runs the body in a transaction that is rolled back, since other tests use the database too.
    nonisolated(nonsending) func inRolledBackTransaction(_ body: (PQConnection) async throws -> Void) async throws {
        struct Done: Error {}
        await #expect(throws: Done.self) {
            try await self.withTransaction { connection in
                try await body(connection)
                throw Done()
            }
        }
    }
}
