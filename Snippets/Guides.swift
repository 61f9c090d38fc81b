//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// What the guides show: errors explained, rotation watched, connections leased, and services come from elsewhere.

import Foundation
import Lakebase
import Logging

func explain(lakebase: LakebaseClient, logger: Logger) async throws {
    // snippet.explain
    do {
        try await lakebase.query("INSERT INTO orders (what) VALUES ('tea')")
    } catch {
        if let explanation = await lakebase.explain(error) { logger.error("\(explanation)") }
        throw error
    }
    // snippet.end
}

func watch(lakebase: LakebaseClient) {
    // snippet.watch
    let statistics = lakebase.statistics
    if let credential = statistics.credential {
        print("minted \(credential.mints) times, \(credential.failures) failures in a row")
        print("the next one is due before \(credential.expiresAt.map { "\($0)" } ?? "the first login")")
    }
    print("\(statistics.pool)")
    // snippet.end
}

func move(_ amount: Int, from source: Int, to target: Int, lakebase: LakebaseClient) async throws {
    // snippet.lease
    try await lakebase.withTransaction(isolation: .serializable) { connection in
        try await connection.query("UPDATE accounts SET balance = balance - \(amount) WHERE id = \(source)")
        try await connection.query("UPDATE accounts SET balance = balance + \(amount) WHERE id = \(target)")
    }
    // snippet.end
}

func transfer(lakebase: LakebaseClient, amount: Int64, from: Int64, to: Int64) async throws {
    // snippet.repeat
    try await lakebase.withTransaction(isolation: .serializable, retrying: 4) { connection in
        try await connection.query("UPDATE accounts SET balance = balance - \(amount) WHERE id = \(from)")
        try await connection.query("UPDATE accounts SET balance = balance + \(amount) WHERE id = \(to)")
    }
    // snippet.end
}

// snippet.rows
struct Customer {
    var id: Int
    var name: String
    var email: String?
}

func customers(named name: String, lakebase: LakebaseClient) async throws -> [Customer] {
    let rows = try await lakebase.query("SELECT id, name, email FROM customers WHERE name = \(name) ORDER BY id")
    return try rows.decode((Int, String, String?).self).map { Customer(id: $0.0, name: $0.1, email: $0.2) }
}
// snippet.end
