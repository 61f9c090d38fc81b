//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText
internal import Lakebase

/// A transaction that changes roles or privileges: one at a time in a database, and run again where another program was in the way.
///
/// PostgreSQL refuses the second of two GRANTs on one object with an internal error ("tuple concurrently updated") instead of making it wait. What works
/// through this type waits for an advisory lock. Other programs do not know of the lock, so what they caused is tried again, from reading the catalogue on.
enum CatalogueChange {
    /// How often it may run in all.
    static let attempts = 12

    /// - Parameter body: Reads what is there and changes it; may run more than once.
    static func run<Value>(
        on client: LakebaseClient, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        var made = 1
        while true {
            do {
                // Each statement has to see what was committed while the lock was waited for, whatever the role's default is.
                return try await client.withTransaction(isolation: .readCommitted) { connection in
                    try await connection.query(
                        "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('lakebase privileges', 0))"
                    )
                    return try await body(connection)
                }
            } catch  where made < Self.attempts && Self.isTransient(error) {
                try await Task.sleep(for: Self.pause(after: made, jitter: .random(in: 0...1)))
                made += 1
            }
        }
    }

    /// Whether an error comes of what another program did at the same time, so that a second attempt may not meet it.
    static func isTransient(_ error: any Error) -> Bool {
        let refusal: PQError? =
            switch error {
            case let error as PQError: error
            case let error as GrantError: error.underlying
            case let error as RoleError: error.underlying as? PQError
            default: nil
            }
        guard let server = refusal?.server else { return false }
        switch server.sqlState {
        case .serializationFailure, .deadlockDetected, .uniqueViolation, .duplicateObject: return true
        // An object was dropped between reading its name and using it.
        case .undefinedObject, .undefinedTable, .undefinedFunction, .invalidSchemaName: return true
        case .internalError:
            // PostgreSQL does not translate these.
            return ["tuple concurrently", "cache lookup failed", "could not find tuple"]
                .contains { server.message.containsExactly($0) }
        default: return false
        }
    }

    /// 10 ms at first, twice as long each time, 400 ms at most; less up to a half of it.
    private static func pause(after attempts: Int, jitter: Double) -> Duration {
        min(.milliseconds(10) * (1 << min(attempts - 1, 8)), .milliseconds(400)) * (1 - jitter / 2)
    }
}
