//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Databricks

/// A workspace in this process that answers as a test says, and keeps what was asked of it over HTTP.
final class APIServer: Sendable {
    /// A request as it arrived.
    struct Call: Sendable {
        /// Method, path and query.
        var line: String
        var type: String?
        var bytes: [UInt8]

        /// The body as JSON, nil when there is none.
        var json: JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: Data(self.bytes)) }
    }

    /// An answer.
    struct Answer: Sendable {
        var status = 200
        var type = "application/json"
        var bytes: [UInt8]

        static func json(_ text: String, _ status: Int = 200) -> Answer {
            Answer(status: status, bytes: Array(text.utf8))
        }
    }

    private let seen = Mutex<[Call]>([])

    var calls: [Call] { self.seen.withLock { $0 } }
    /// Method, path and query of all requests.
    var lines: [String] { self.calls.map(\.line) }

    /// Runs a server and a client of it for the time of a test.
    static func with(
        _ answer: @escaping @Sendable (_ call: Call, _ number: Int) -> Answer,
        _ body: (WorkspaceClient, APIServer) async throws -> Void
    ) async throws {
        let server = APIServer()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let ports = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                var buffer = try await request.body.collect(upTo: 64 << 20)
                let call = Call(
                    line: "\(request.method.rawValue) \(request.uri.string)", type: request.headers[.contentType],
                    bytes: buffer.readBytes(length: buffer.readableBytes) ?? [])
                let number = server.seen.withLock { all in
                    all.append(call)
                    return all.count
                }
                let reply = answer(call, number)
                return Response(
                    status: .init(code: reply.status), headers: [.contentType: reply.type],
                    body: .init(byteBuffer: ByteBuffer(bytes: reply.bytes)))
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { ports.continuation.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await application.run() }
            var iterator = ports.stream.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let client = WorkspaceClient(configuration: .pat("http://127.0.0.1:\(port)"), logger: logger)
            try await body(client, server)
            group.cancelAll()
        }
    }

    /// Makes calls one after the other, and compares the request of each with what it should be.
    static func check(
        _ expectations: [Expectation], answering answer: Answer = .json("{}"),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await self.with({ _, _ in answer }) { client, server in
            for (index, expectation) in expectations.enumerated() {
                try await expectation.call(client)
                let call = try #require(server.calls.last, sourceLocation: sourceLocation)
                #expect(server.calls.count == index + 1, "\(expectation.line)", sourceLocation: sourceLocation)
                #expect(call.line == expectation.line, sourceLocation: sourceLocation)
                let body = try expectation.body.map { try WireCheck.decode(JSONValue.self, $0) }
                #expect(call.json == body, "\(expectation.line)", sourceLocation: sourceLocation)
                #expect(call.type == (body == nil ? nil : "application/json"), sourceLocation: sourceLocation)
            }
        }
    }

    /// A call, and the request that it should make.
    struct Expectation: Sendable {
        var line: String
        var body: String?
        var call: @Sendable (WorkspaceClient) async throws -> Void

        init(
            _ line: String, _ body: String? = nil, _ call: @escaping @Sendable (WorkspaceClient) async throws -> Void
        ) {
            self.line = line
            self.body = body
            self.call = call
        }
    }
}
