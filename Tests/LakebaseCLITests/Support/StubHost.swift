//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

/// A workspace that has nothing, says so in a way that would clear a terminal, and keeps who asked for what.
final class StubHost: Sendable {
    private let seen = Mutex<[(line: String, authorization: String?)]>([])
    private let port = Mutex(0)

    var url: String { "http://127.0.0.1:\(self.port.withLock { $0 })" }
    /// Methods and paths.
    var lines: [String] { self.seen.withLock { $0.map(\.line) } }
    /// The tokens that came.
    var tokens: Set<String> { self.seen.withLock { Set($0.compactMap(\.authorization)) } }
    func forget() { self.seen.withLock { $0 = [] } }

    static func with(_ body: (StubHost) async throws -> Void) async throws {
        let host = StubHost()
        let started = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                host.seen.withLock {
                    $0.append(("\(request.method.rawValue) \(request.uri.path)", request.headers[.authorization]))
                }
                return Response(
                    status: .notFound, headers: [.contentType: "application/json"],
                    body: ResponseBody(
                        byteBuffer: ByteBuffer(string: #"{"error_code":"NOT_FOUND","message":"nothing\u001b[2J"}"#)))
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { started.continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var ports = started.stream.makeAsyncIterator()
            let port = try #require(await ports.next())
            host.port.withLock { $0 = port }
            defer { group.cancelAll() }
            try await body(host)
        }
    }
}
