//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Hummingbird
import HummingbirdTesting
import Lakebase
import LakebaseHummingbird
import TestSupport
import Testing

@Suite("Handlers on an event loop", .timeLimit(.minutes(1)))
struct EventLoopMiddlewareTests {
    private func answer(_ router: Router<BasicRequestContext>, live: Bool) async throws -> String {
        let application = Application(
            responder: router.buildResponder(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: LogStore().logger)
        return try await application.test(live ? .live : .router) { client in
            try await client.execute(uri: "/", method: .post, body: ByteBuffer(string: "a body")) { response in
                #expect(response.status == .ok)
                return String(buffer: response.body)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a handler runs on a loop of its client, and stays there through its queries`(live: Bool) async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let loops = try PQEventLoopGroup(count: 1)
        let client = try PQClient(configuration: server.configuration, eventLoops: loops, logger: LogStore().logger)
        let router = Router()
        router.get("/other") { _, _ in "not on the loop" }
        router.group("/").add(middleware: EventLoopMiddleware(client)).post { request, _ in
            var places = [loops.current != nil]
            let body = try await request.body.collect(upTo: 100)
            places.append(loops.current != nil)
            for _ in 0..<3 {
                try await client.query("SELECT 1")
                places.append(loops.current != nil)
            }
            return "\(String(buffer: body)) \(places)"
        }
        let answer = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await self.answer(router, live: live)
        }
        #expect(answer == "a body [true, true, true, true, true]")
        for loop in loops.loops { loop.stop() }
    }

    @Test func `routes without it are where they were`() async throws {
        let loops = try PQEventLoopGroup(count: 1)
        let router = Router()
        router.post("/") { _, _ in "\(loops.current != nil)" }
        router.group("/on").add(middleware: EventLoopMiddleware(eventLoops: loops)).get { _, _ in "on" }
        #expect(try await self.answer(router, live: false) == "false")
        for loop in loops.loops { loop.stop() }
    }
}
