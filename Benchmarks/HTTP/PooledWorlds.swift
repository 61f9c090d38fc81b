//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import AsyncPQPool

/// The tests with one statement after the other, each on the connection that is free.
struct PooledWorlds: WorldDatabase {
    let client: PQClient

    func world(_ id: Int32) async throws -> World {
        try await self.client.query(selectWorld(id)).world()
    }

    func worlds(_ ids: [Int32]) async throws -> [World] {
        var worlds: [World] = []
        worlds.reserveCapacity(ids.count)
        for id in ids { worlds.append(try await self.world(id)) }
        return worlds
    }

    func fortunes() async throws -> [Fortune] {
        try await self.client.query("SELECT id, message FROM fortune").decode((Int32, String).self)
            .map { Fortune(id: $0.0, message: $0.1) }
    }

    func update(_ worlds: [World]) async throws {
        try await self.client.withTransaction { connection in
            for world in worlds { try await connection.query(updateWorld(world)) }
        }
    }
}

/// The tests with all statements of a request in one round trip.
struct PipelinedWorlds: WorldDatabase {
    let client: PQClient

    func world(_ id: Int32) async throws -> World {
        try await PooledWorlds(client: self.client).world(id)
    }

    func worlds(_ ids: [Int32]) async throws -> [World] {
        try await self.client.withConnection { try await $0.pipeline(ids.map(selectWorld)) }.map { try $0.world() }
    }

    func fortunes() async throws -> [Fortune] { try await PooledWorlds(client: self.client).fortunes() }

    func update(_ worlds: [World]) async throws {
        _ = try await self.client.withConnection { try await $0.executeMany(worlds, updateWorld) }
    }
}

private func selectWorld(_ id: Int32) -> PQQuery { "SELECT id, randomnumber FROM world WHERE id = \(id)" }

private func updateWorld(_ world: World) -> PQQuery {
    "UPDATE world SET randomnumber = \(world.randomNumber) WHERE id = \(world.id)"
}

extension PQRows {
    fileprivate func world() throws -> World {
        guard let (id, randomNumber) = try self.first(as: (Int32, Int32).self) else {
            throw PQError(.decodingFailed, "there is no such row")
        }
        return World(id: id, randomNumber: randomNumber)
    }
}
