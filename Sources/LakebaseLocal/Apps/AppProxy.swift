//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import LocalGround
import LocalWorkspace
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Secrets
import Synchronization

/// The address of an app: forwards requests to its process, with the platform's headers about the visitor.
///
/// The visitor is always the developer, as the one person there is. WebSockets go another way (``UpgradeWatch``).
final class AppProxy: Sendable {
    /// The functions of the workspace that the proxy uses.
    struct Surroundings: Sendable {
        /// The identity of every visitor.
        var visitor: LocalIdentity
        /// A workspace token of the visitor; `nil` when the app may not act on behalf of its users.
        var token: @Sendable () async -> Secret?
        /// The app's status, for a visitor while no process runs.
        var status: @Sendable () async -> String
        var log: AppLog
    }

    /// The visitor has left.
    private struct Gone: Error {}

    /// The app has not started to answer in time.
    private struct Late: Error {}

    let port: Int
    private let host: String
    private let surroundings: Surroundings
    private let answerLimit: Duration
    private let visits: AppVisits
    private let tls: NIOSSLContext?
    private let logger: Logger
    /// The port of the process that serves.
    private let target = Mutex<Int?>(nil)

    /// - Parameter tls: The certificate for visitors who use TLS, on the same port as plain HTTP; `nil` refuses TLS.
    init(
        host: String, port: Int, surroundings: Surroundings, policy: AppPolicy, tls: NIOSSLContext? = nil,
        logger: Logger
    ) {
        self.tls = tls
        self.answerLimit = policy.answerLimit
        self.visits = AppVisits(limit: policy.requestLimit)
        self.host = host
        self.port = port
        self.surroundings = surroundings
        self.logger = logger
    }

    /// The client for all apps: it keeps no cookies and follows no redirects.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        // How many there are is decided before, so that none waits for another one's connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1 << 16
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// Forwards visitors to this port from now on; to none if `nil`.
    func route(to port: Int?) { self.target.withLock { $0 = port } }

    /// Serves until the task is cancelled.
    func run() async {
        var quiet = self.logger
        quiet.logLevel = .critical
        let door = UpgradeDoor(
            head: self.head, answerLimit: self.answerLimit, port: { self.target.withLock { $0 } }, visits: self.visits,
            surroundings: self.surroundings)
        let application = Application(
            responder: CallbackResponder<VisitorContext> { request, context in
                await self.respond(to: request, context)
            },
            server: .guarded(
                RequestGate(listenHost: self.host, limits: .visitors, checksNames: false), tls: self.tls,
                handlers: { [VisitorWatch()] },
                extend: { channel, guardian in
                    let tunnel = VisitorTunnel()
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(tunnel, position: .first)
                    try pipeline.addHandler(UpgradeWatch(door, tunnel: tunnel), position: .after(guardian))
                }),
            configuration: ApplicationConfiguration(address: .hostname(self.host, port: self.port)),
            onServerRunning: { await RestingListener.prepare($0, logger: self.logger) },
            logger: quiet
        )
        do {
            try await application.run()
        } catch {
            self.logger.error(
                "The address of an app cannot be served",
                metadata: ["server.port": .stringConvertible(self.port), "error.message": "\(error)"])
        }
    }

    private var head: AppProxyHead { AppProxyHead(isLoopback: LoopbackHost.isLoopback(listening: self.host)) }

    private func respond(to request: Request, _ context: VisitorContext) async -> Response {
        let head = self.head
        guard head.isAllowed(authority: request.head.authority) else {
            return Self.text(.misdirectedRequest, "This address serves requests for this machine only.\n")
        }
        // Anything else could make another host of the URL below.
        guard request.uri.string.hasPrefix("/") else {
            return Self.text(.badRequest, "The target of the request is not a path.\n")
        }
        if request.method == .get, request.uri.path == "/logz" {
            let lines = self.surroundings.log.tail(count: AppLog.ringLimit, after: 0).lines
            return Self.text(
                .ok, lines.map { "\($0.time.formatted(.iso8601)) \($0.stream.rawValue) \($0.text)\n" }.joined())
        }
        guard let port = self.target.withLock({ $0 }) else {
            return Self.text(
                .serviceUnavailable, "App not available: \(await self.surroundings.status())\n")
        }
        guard let visit = self.visits.begin() else {
            return Self.text(
                .serviceUnavailable,
                "App not available: it has \(self.visits.limit) requests open, which is the limit.\n")
        }
        do {
            return try await self.forward(
                request, to: port, head, visit, left: try await context.left,
                isSecure: self.tls == nil ? false : await context.channel.speaksTLS)
        } catch is Late {
            return Self.text(
                .gatewayTimeout,
                "App not available: it did not begin to answer within \(self.answerLimit.components.seconds) s.\n")
        } catch {
            return Self.text(.badGateway, "App not available: its process did not answer.\n")
        }
    }

    private func forward(
        _ request: Request, to port: Int, _ head: AppProxyHead, _ visit: AppVisits.Visit, left: AsyncPromise<Bool>,
        isSecure: Bool
    ) async throws -> Response {
        let visitor = self.surroundings.visitor
        var outgoing = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(request.uri.string)")
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        outgoing.headers = HTTPHeaders(
            head.forwarded(
                request.headers.map { ($0.name.canonicalName, $0.value) }, authority: request.head.authority,
                userName: visitor.userName, displayName: visitor.displayName,
                requestID: UUID().uuidString.lowercased(), isSecure: isSecure))
        // A connection that the app is about to close is never met, whatever the request: it is the request's own. The way is short.
        outgoing.headers.replaceOrAdd(name: "Connection", value: "close")
        if let token = await self.surroundings.token() {
            token.withUnsafeValue { outgoing.headers.replaceOrAdd(name: "X-Forwarded-Access-Token", value: $0) }
        }
        if let length = request.headers[.contentLength].flatMap({ Int64($0) }) {
            if length > 0 { outgoing.body = .stream(request.body, length: .known(length)) }
        } else if request.headers[.transferEncoding] != nil {
            outgoing.body = .stream(request.body, length: .unknown)
        }
        let answer = try await self.execute(outgoing, left: left)
        var fields = HTTPFields()
        for (name, value) in head.answered(answer.headers.map { ($0.name, $0.value) }) {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let hasBody = request.method != .head && answer.status.code != 204 && answer.status.code != 304
        let length = answer.headers.first(name: "content-length").flatMap { Int($0) }
        if request.method == .head, let length { fields[.contentLength] = String(length) }
        return Response(
            status: HTTPResponse.Status(code: Int(answer.status.code)), headers: fields,
            body: hasBody
                ? ResponseBody(contentLength: length) { writer in
                    try await Self.pass(answer.body, to: &writer, left: left)
                    try await writer.finish(nil)
                    withExtendedLifetime(visit) {}
                } : ResponseBody())
    }

    /// Sends a request and waits for the head of the answer, until the time limit or until the visitor leaves.
    private func execute(
        _ outgoing: HTTPClientRequest, left: AsyncPromise<Bool>
    ) async throws -> HTTPClientResponse {
        let limit = self.answerLimit
        return try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
            group.addTask { try await Self.client.execute(outgoing, deadline: .distantFuture, logger: nil) }
            group.addTask {
                _ = try await left.value()
                throw Gone()
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw Late()
            }
            // Cancelled, a request closes its connection.
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw Gone() }
            return answer
        }
    }

    /// Forwards the body of an answer until its end, or until the visitor leaves, which closes the connection to the
    /// app.
    private static func pass(
        _ body: HTTPClientResponse.Body, to writer: inout any ResponseBodyWriter, left: AsyncPromise<Bool>
    ) async throws {
        let handoff = Handoff<ByteBuffer>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    for try await buffer in body { try await handoff.give(buffer) }
                    handoff.end(nil)
                } catch {
                    handoff.end(error)
                }
            }
            group.addTask {
                _ = try? await left.value()
                handoff.end(Gone())
            }
            defer { group.cancelAll() }
            while let buffer = try await handoff.take() { try await writer.write(buffer) }
        }
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
