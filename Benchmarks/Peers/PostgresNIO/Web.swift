//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// The four database tests of script/bench http: Hummingbird on PostgresNIO, one event loop for both.
//
// Built by script/bench, outside of this package, with the shared files of Benchmarks/HTTP, where POSTGRES_NIO names a
// checkout of PostgresNIO.

import Hummingbird
import Logging
import NIOPosix
import PostgresNIO

struct SelectWorld: PostgresPreparedStatement {
    static let name = "select_world"
    static let sql = "SELECT id, randomnumber FROM world WHERE id = $1"
    typealias Row = World

    var id: Int32

    func makeBindings() -> PostgresBindings {
        var bindings = PostgresBindings()
        bindings.append(self.id)
        return bindings
    }

    func decodeRow(_ row: PostgresRow) throws -> World {
        let (id, randomNumber) = try row.decode((Int32, Int32).self)
        return World(id: id, randomNumber: randomNumber)
    }
}

struct SelectFortunes: PostgresPreparedStatement {
    static let name = "select_fortunes"
    static let sql = "SELECT id, message FROM fortune"
    typealias Row = Fortune

    func makeBindings() -> PostgresBindings { PostgresBindings() }

    func decodeRow(_ row: PostgresRow) throws -> Fortune {
        let (id, message) = try row.decode((Int32, String).self)
        return Fortune(id: id, message: message)
    }
}

struct UpdateWorld: PostgresPreparedStatement {
    static let name = "update_world"
    static let sql = "UPDATE world SET randomnumber = $2 WHERE id = $1"
    typealias Row = Void

    var world: World

    func makeBindings() -> PostgresBindings {
        var bindings = PostgresBindings()
        bindings.append(self.world.id)
        bindings.append(self.world.randomNumber)
        return bindings
    }

    func decodeRow(_ row: PostgresRow) throws {}
}

struct NoSuchRow: Error {}

struct NIOWorlds: WorldDatabase {
    let client: PostgresClient
    let logger: Logger

    func world(_ id: Int32) async throws -> World {
        for try await world in try await self.client.execute(SelectWorld(id: id), logger: self.logger) { return world }
        throw NoSuchRow()
    }

    func worlds(_ ids: [Int32]) async throws -> [World] {
        try await self.client.withConnection { connection in
            var worlds: [World] = []
            for id in ids {
                for try await world in try await connection.execute(SelectWorld(id: id), logger: self.logger) {
                    worlds.append(world)
                }
            }
            return worlds
        }
    }

    func fortunes() async throws -> [Fortune] {
        var fortunes: [Fortune] = []
        for try await fortune in try await self.client.execute(SelectFortunes(), logger: self.logger) {
            fortunes.append(fortune)
        }
        return fortunes
    }

    func update(_ worlds: [World]) async throws {
        try await self.client.withTransaction(logger: self.logger) { connection in
            for world in worlds {
                for try await _ in try await connection.execute(UpdateWorld(world: world), logger: self.logger) {}
            }
        }
    }
}

@main
struct Web {
    static func main() async throws {
        let options = WebOptions.ofThisProcess()
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        var configuration = PostgresClient.Configuration(
            host: options.host, port: options.port, username: options.user, password: nil, database: options.database,
            tls: .disable)
        configuration.options.minimumConnections = options.connections
        configuration.options.maximumConnections = options.connections
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = PostgresClient(configuration: configuration, eventLoopGroup: eventLoops)

        let router = Router(context: BasicRequestContext.self)
        let silent = Logger(label: "peer", factory: { _ in SwiftLogNoOpLogHandler() })
        WebRoutes(database: NIOWorlds(client: client, logger: silent)).add(to: router.group())
        var application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: options.httpPort)),
            eventLoopGroupProvider: .shared(eventLoops), logger: logger)
        application.addServices(client)
        try await application.runService()
    }
}
