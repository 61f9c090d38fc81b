//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Logging
import NIOCore
import Secrets
import TestSupport
import Testing

@testable import Databricks

/// The real transport against peers that break in every way.
@Suite("Over a real connection", .timeLimit(.minutes(1)))
struct LoopbackTests {
    private let credential = #"{"token":"jwt","expire_time":"2999-01-15T09:00:00Z"}"#

    /// A client that tries twice, with limits far above what a busy machine needs.
    private func client(_ url: String, attempt: Duration = .seconds(20), attempts: Int = 2) -> WorkspaceClient {
        WorkspaceClient(
            configuration: .pat(url),
            retryPolicy: RetryPolicy(
                attemptLimit: attempt, pauseBase: .milliseconds(10), pauseLimit: .milliseconds(50),
                maximumAttempts: attempts
            ),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func http(_ status: String, _ body: String, type: String = "application/json", more: String = "") -> String
    {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// One credential call against a server with this reply, which has to fail.
    private func failure(
        attempt: Duration = .seconds(20), _ reply: @escaping @Sendable (Int) -> RawServer.Reply
    ) async throws -> (error: DatabricksError, requests: Int) {
        try await RawServer.with(reply) { server in
            let error = await #expect(throws: DatabricksError.self) {
                try await self.client(server.url, attempt: attempt).postgres.generateDatabaseCredential(
                    endpoint: "e")
            }
            return (try #require(error), server.requests)
        }
    }

    @Test func `answer that is right`() async throws {
        let answer = self.http("200 OK", self.credential)
        try await RawServer.with({ _ in .bytes(answer) }) { server in
            let client = self.client(server.url)
            for _ in 0..<3 {
                let credential = try await client.postgres.generateDatabaseCredential(endpoint: "e")
                #expect(credential.token == Secret("jwt"))
            }
            #expect(server.requests == 3)
        }
    }

    @Test func `connection that is refused`() async throws {
        let socket = try LoopbackSocket(listening: false)
        let url = "http://127.0.0.1:\(socket.port)"
        let answer = self.http("200 OK", self.credential)
        let time = try await RawServer.with({ _ in .bytes(answer) }) { server in
            let other = self.client(server.url)
            return try await measure {
                let error = await #expect(throws: DatabricksError.self) {
                    try await self.client(url).currentUser.me()
                }
                #expect(error?.code == .connectionFailed)
                #expect(error?.message.contains("attempts") == true)
                #expect(error?.message.contains("no connection to http://127.0.0.1:") == true)
            } beside: {
                _ = try await other.postgres.generateDatabaseCredential(endpoint: "e")
            }
        }
        withExtendedLifetime(socket) {}
        #expect(time.isWithin(.seconds(10)), "\(time)")
    }

    @Test func `TLS to a peer that speaks plainly`() async throws {
        let answer = self.http("400 Bad Request", "")
        try await RawServer.with({ _ in .bytesThenClose(answer) }) { server in
            let url = server.url.replacing("http://", with: "https://")
            let error = await #expect(throws: DatabricksError.self) { try await self.client(url).currentUser.me() }
            #expect(error?.code == .connectionFailed)
            #expect(error?.message.contains("does not speak TLS there") == true, "\(String(describing: error))")
            // Another attempt would find the same.
            #expect(error?.message.contains("attempts") == false && server.requests == 1)
        }
    }

    @Test func `answer is not asked to be compressed, and one that is says so`() async throws {
        let answer = self.http("200 OK", "\u{1F}not text", more: "Content-Encoding: gzip\r\n")
        try await RawServer.with({ _ in .bytes(answer) }) { server in
            let error = await #expect(throws: DatabricksError.self) {
                try await self.client(server.url).currentUser.me()
            }
            #expect(error?.code == .invalidResponse)
            #expect(error?.message.hasPrefix("the answer is compressed (gzip)") == true, "\(String(describing: error))")
            #expect(server.heads.allSatisfy { $0.lowercased().contains("\r\naccept-encoding: identity\r\n") })
            #expect(server.requests == 1)
        }
    }

    @Test func `certificate that nobody trusts is an error at once, before anything is sent`() async throws {
        let answer = self.http("200 OK", self.credential)
        try await RawServer.with({ _ in .bytes(answer) }, tls: try SelfSigned.context()) { server in
            let error = await #expect(throws: DatabricksError.self) {
                try await self.client(server.url).currentUser.me()
            }
            #expect(error?.code == .connectionFailed)
            #expect(error?.message.contains("does not trust the host's certificate") == true)
            // The words of the library name its types, and files of the sources that TLS was built from.
            for word in ["NIO", "BoringSSL", ".swift", "/Sources/"] {
                #expect(error?.message.contains(word) == false, "\(word): \(String(describing: error))")
            }
            #expect(error?.message.contains("attempts") == false)
            #expect(server.requests == 0)
        }
    }

    @Test func `name that does not exist`() async {
        let error = await #expect(throws: DatabricksError.self) {
            try await self.client("http://no-such-host.invalid").currentUser.me()
        }
        #expect(error?.code == .connectionFailed || error?.code == .deadlineExceeded)
    }

    @Test func `reset in the middle of the body is repeated, then an error`() async throws {
        let half = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"token\":"
        let failure = try await self.failure { _ in .bytesThenReset(half) }
        #expect(failure.error.code == .connectionFailed)
        #expect(failure.requests == 2)
        let answer = self.http("200 OK", self.credential)
        try await RawServer.with({ $0 == 1 ? .bytesThenReset(half) : .bytes(answer) }) { server in
            _ = try await self.client(server.url).postgres.generateDatabaseCredential(endpoint: "e")
            #expect(server.requests == 2)
        }
    }

    @Test func `close in the middle of the body`() async throws {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"token\":"
        let failure = try await self.failure { _ in .bytesThenClose(half) }
        #expect(failure.error.code == .connectionFailed)
    }

    @Test func `close before any answer`() async throws {
        let failure = try await self.failure { _ in .bytesThenClose("") }
        #expect(failure.error.code == .connectionFailed)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 banana\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "\u{16}\u{3}\u{1}", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ])
    func `peer that speaks something else`(bytes: String) async throws {
        let failure = try await self.failure(attempt: .milliseconds(500)) { _ in
            .bytesThenClose(bytes)
        }
        #expect(
            [.connectionFailed, .invalidResponse, .deadlineExceeded].contains(failure.error.code), "\(failure.error)")
    }

    @Test func `body that drips for ever is cut off by the time`() async throws {
        let failure = try await self.failure(attempt: .milliseconds(300)) { _ in
            .endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", then: "1\r\n \r\n")
        }
        // Twice: it was the limit of the attempt that ended it, and not the call's.
        #expect(failure.error.code == .deadlineExceeded)
        #expect(failure.error.message.hasSuffix("(after 2 attempts)"))
    }

    @Test func `503 is repeated, 500 is not`() async throws {
        let away = self.http("503 Service Unavailable", "<html><title>Away</title></html>", type: "text/html")
        let answer = self.http("200 OK", self.credential)
        try await RawServer.with({ $0 == 1 ? .bytes(away) : .bytes(answer) }) { server in
            _ = try await self.client(server.url).postgres.generateDatabaseCredential(endpoint: "e")
            #expect(server.requests == 2)
        }
        let stays = try await self.failure { _ in .bytes(away) }
        #expect(stays.error.code == .unavailable && stays.error.message == "Away (after 2 attempts)")
        let broken = self.http("500 Internal Server Error", #"{"error_code":"INTERNAL_ERROR","message":"oh"}"#)
        let failure = try await self.failure { _ in .bytes(broken) }
        #expect(failure.error.code == .serverError && failure.error.errorCode == "INTERNAL_ERROR")
        #expect(failure.requests == 1)
    }

    @Test func `answers that never stop asking for another attempt end with the call's limit`() async throws {
        let busy = self.http("429 Too Many Requests", "{}")
        // A busy machine is given more time until it has asked more than twice.
        for limit in [2, 8, 32] {
            let requests = try await RawServer.with({ _ in .bytes(busy) }) { server in
                let client = WorkspaceClient(
                    configuration: .pat(server.url),
                    retryPolicy: RetryPolicy(
                        totalLimit: .seconds(limit), pauseBase: .milliseconds(20), pauseLimit: .milliseconds(40)),
                    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
                // Nothing else ends it: the number of attempts has no limit here.
                let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
                #expect(error?.code == .tooManyRequests)
                return server.requests
            }
            if requests > 2 { return }
        }
        Issue.record("no call asked more than twice")
    }

    @Test(arguments: [-7_200.0, 0, 7_200])
    func `clock that is two hours off`(offset: Double) async throws {
        // A time that is right by the service's clock, an hour ahead.
        let end = RFC3339.string(from: Date() + 3_600)
        let answer = self.http("200 OK", #"{"token":"jwt","expire_time":"\#(end)"}"#)
        try await RawServer.with({ _ in .bytes(answer) }) { server in
            let sender = HTTPSender(
                transport: AsyncHTTPClientTransport(), policy: RetryPolicy(), logger: LogStore().logger)
            let client = WorkspaceClient(
                configuration: .pat(server.url), sender: sender, credentials: nil, now: { Date() + offset },
                logger: LogStore().logger)
            do {
                _ = try await client.postgres.generateDatabaseCredential(endpoint: "e")
                #expect(offset <= 0)
            } catch let error as DatabricksError {
                #expect(offset > 0 && error.code == .invalidResponse)
                #expect(error.message.contains("check this machine's clock"))
            }
            #expect(server.requests == 1)
        }
        // The life of a workspace's token is a number of seconds, so it is right by any clock.
        try await StubWorkspace.with { workspace in
            let sender = HTTPSender(
                transport: AsyncHTTPClientTransport(), policy: RetryPolicy(), logger: LogStore().logger)
            let client = WorkspaceClient(
                configuration: .m2m(workspace.url), sender: sender, credentials: nil, now: { Date() + offset },
                logger: LogStore().logger)
            for _ in 0..<2 {
                let me = try await client.currentUser.me()
                #expect(me.userName == "me@example.com")
            }
            #expect(workspace.tokenRequests.count == 1)
        }
    }

    @Test func `page of a gateway with status 502 is not repeated`() async throws {
        let page = self.http(
            "502 Bad Gateway", "<html><head><title>502 Bad Gateway</title></head></html>", type: "text/html")
        let failure = try await self.failure { _ in .bytes(page) }
        #expect(failure.error.code == .serverError && failure.error.message == "502 Bad Gateway")
        #expect(failure.requests == 1)
    }

    @Test(arguments: ["", "{", "null", "<html><title>Sign in</title></html>", "[1,2]", #"{"token":"x""#, "\u{0}\u{1}"])
    func `success whose body is wrong`(body: String) async throws {
        let answer = self.http("200 OK", body)
        let failure = try await self.failure { _ in .bytes(answer) }
        #expect(failure.error.code == .invalidResponse)
        #expect(failure.requests == 1)
    }

    @Test(arguments: [
        ("application/json", "the answer is not JSON, although it says so, or is cut off; "),
        ("text/html", "the answer is not JSON but text/html; "),
    ])
    func `body that is not JSON is told with what it says it is`(type: String, words: String) async throws {
        let answer = self.http("200 OK", "{", type: type)
        let failure = try await self.failure { _ in .bytes(answer) }
        #expect(failure.error.code == .invalidResponse)
        #expect(failure.error.message.hasPrefix(words), "\(failure.error)")
        #expect(!failure.error.message.contains("but application/json"), "\(failure.error)")
    }

    @Test func `body that never ends is cut off by its size`() async throws {
        let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
        let failure = try await self.failure { _ in
            .endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", then: chunk)
        }
        #expect(failure.error.code == .responseTooLarge)
        #expect(failure.requests == 1)
    }

    @Test func `announced size above the limit is refused unread`() async throws {
        let failure = try await self.failure { _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n") }
        #expect(failure.error.code == .responseTooLarge)
    }

    @Test func `body that stalls is cut off by the time`() async throws {
        let failure = try await self.failure(attempt: .milliseconds(150)) { _ in
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        }
        #expect(failure.error.code == .deadlineExceeded)
        #expect(failure.error.message.hasSuffix("(after 2 attempts)"))
    }

    @Test func `silence is cut off by the time`() async throws {
        let failure = try await self.failure(attempt: .milliseconds(300)) { _ in .silence }
        #expect(failure.error.code == .deadlineExceeded)
        #expect(failure.error.message.hasSuffix("(after 2 attempts)"))
    }

    @Test(arguments: ["Retry-After: 0\r\n", "", "Retry-After: soon\r\n"])
    func `429 is repeated`(header: String) async throws {
        let busy = self.http("429 Too Many Requests", "{}", more: header)
        let answer = self.http("200 OK", self.credential)
        try await RawServer.with({ $0 < 3 ? .bytes(busy) : .bytes(answer) }) { server in
            _ = try await self.client(server.url, attempts: 3).postgres.generateDatabaseCredential(endpoint: "e")
            #expect(server.requests == 3)
        }
    }

    @Test func `429 that asks for longer than there is time fails at once`() async throws {
        let busy = self.http("429 Too Many Requests", "{}", more: "Retry-After: 3600\r\n")
        let failure = try await self.failure { _ in .bytes(busy) }
        #expect(failure.error.code == .tooManyRequests && failure.error.retryAfter == .seconds(3_600))
        #expect(failure.requests == 1)
    }

    @Test func `redirects are not followed`() async throws {
        let other = self.http("200 OK", self.credential)
        try await RawServer.with({ _ in .bytes(other) }) { target in
            let redirect = self.http("307 Temporary Redirect", "", more: "Location: \(target.url)/api\r\n")
            let failure = try await self.failure { _ in .bytes(redirect) }
            #expect(failure.error.code == .unexpectedStatus && failure.error.message.contains("redirect"))
            #expect(target.requests == 0)
        }
    }

    @Test func `cancelled caller does not wait for a silent server`() async throws {
        let started = AsyncStream<Void>.makeStream()
        try await RawServer.with({ _ in
            started.continuation.yield()
            return .silence
        }) { server in
            let client = self.client(server.url)
            let task = Task { try await client.currentUser.me() }
            for await _ in started.stream { break }
            task.cancel()
            let error = await #expect(throws: DatabricksError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func `client credentials against a real web server`() async throws {
        let address = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get("/.well-known/databricks-config") { request, _ in
            let host = request.head.authority ?? ""
            return self.json(#"{"oidc_endpoint":"http://\#(host)/oidc","workspace_id":"4242"}"#)
        }
        router.get("/oidc/.well-known/oauth-authorization-server") { request, _ in
            self.json(#"{"token_endpoint":"http://\#(request.head.authority ?? "")/oidc/v1/token"}"#)
        }
        router.post("/oidc/v1/token") { request, _ in
            request.headers[.authorization] == "Basic " + Data("client-1:s3cret".utf8).base64EncodedString()
                ? self.json(#"{"access_token":"tok","token_type":"Bearer","expires_in":3600}"#)
                : self.json(#"{"error":"invalid_client"}"#, .unauthorized)
        }
        router.get("/api/2.0/preview/scim/v2/Me") { request, _ in
            request.headers[.authorization] == "Bearer tok"
                ? self.json(#"{"userName":"client-1"}"#) : self.json("{}", .unauthorized)
        }
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { address.continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await application.run() }
            var ports = address.stream.makeAsyncIterator()
            let port = try #require(await ports.next())
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let client = WorkspaceClient(configuration: .m2m("http://127.0.0.1:\(port)"), logger: logger)
            #expect(try await client.currentUser.me().userName == "client-1")
            #expect(client.workspaceID == "4242")
            let wrong = WorkspaceClient(
                configuration: .m2m("http://127.0.0.1:\(port)", secret: "wrong"), logger: logger)
            let error = await #expect(throws: DatabricksError.self) { try await wrong.currentUser.me() }
            #expect(error?.code == .unauthenticated && error?.errorCode == "invalid_client")
            group.cancelAll()
        }
    }

    private func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
