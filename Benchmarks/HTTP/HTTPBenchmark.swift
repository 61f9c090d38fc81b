//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import AsyncPQPool
import Hummingbird
import Logging
import NIOPosix

/// Hummingbird on AsyncPQPool: one event loop for HTTP, and one for the connections and the handlers.
@main
struct HTTPBenchmark {
    static func main() async throws {
        let options = WebOptions.ofThisProcess()
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        let client = try PQClient(
            configuration: PQConnection.Configuration(
                host: options.host, port: options.port, username: options.user, database: options.database,
                tls: .disable),
            pool: PQPoolConfiguration(
                minimumConnections: options.connections, maximumConnections: options.connections),
            eventLoops: PQEventLoopGroup(count: 1), logger: logger)

        let router = Router(context: BasicRequestContext.self)
        let onLoop = router.group().add(middleware: LoopMiddleware(eventLoops: client.eventLoops))
        WebRoutes(database: PooledWorlds(client: client)).add(to: onLoop)
        WebRoutes(database: PipelinedWorlds(client: client)).add(to: onLoop.group("pipelined"))

        var application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: options.httpPort)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: logger)
        application.addServices(client)
        try await application.runService()
    }
}

/// Runs the handlers after it on the loop of the connections, as LakebaseHummingbird's `EventLoopMiddleware`, which would
/// bring all of Lakebase with it.
struct LoopMiddleware: RouterMiddleware {
    let eventLoops: PQEventLoopGroup

    @concurrent func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        try await self.eventLoops.withEventLoop { try await next(request, context) }
    }
}
