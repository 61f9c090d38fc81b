//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOFoundationCompat
import NIOSSL
import Secrets
import Synchronization

/// The workspace's HTTP services on a socket.
final class ControlPlaneServer: Sendable {
    /// The longest request body that is read, in bytes; uploads have limits of their own.
    static let bodyLimit = 1024 * 1024

    private let controlPlane: ControlPlane
    private let host: String
    private let port: Int
    private let logger: Logger
    private let gate: RequestGate
    private let connections: ConnectionBook
    private let tls: NIOSSLContext?
    /// Where bodies go that are longer than memory is to hold.
    private let spoolFolder: String
    private let known: RequestBodyReader
    private let strangers: RequestBodyReader
    private let bound = AsyncPromise<Int>()

    /// - Parameter tls: For clients that speak TLS, on the same port as the others; `nil` takes none.
    init(
        controlPlane: ControlPlane, host: String, port: Int, spoolFolder: String, limits: HTTPLimits = HTTPLimits(),
        tls: NIOSSLContext? = nil, logger: Logger
    ) {
        self.tls = tls
        self.gate = RequestGate(listenHost: host, limits: limits)
        self.connections = ConnectionBook(limit: limits.strangers)
        self.spoolFolder = spoolFolder
        // Apart, so that those without a credential leave the others their room.
        self.known = RequestBodyReader(budget: BodyBudget(limit: limits.knownBytes))
        self.strangers = RequestBodyReader(budget: BodyBudget(limit: limits.strangerBytes))
        self.controlPlane = controlPlane
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// The port it listens on, once it does.
    func boundPort() async throws -> Int { try await self.bound.value() }

    /// Serves until the task is cancelled or shut down.
    func run() async throws {
        // The framework announces its start at info, and being cancelled as an error; neither is news here.
        var quiet = self.logger
        quiet.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<ChannelContext> { request, context in
                await self.respond(to: request, on: context.channel)
            },
            server: .guarded(self.gate, connections: self.connections, tls: self.tls),
            configuration: ApplicationConfiguration(address: .hostname(self.host, port: self.port)),
            onServerRunning: { channel in
                await RestingListener.prepare(channel, logger: self.logger)
                self.bound.succeed(channel.localAddress?.port ?? self.port)
            },
            logger: quiet
        )
        do {
            try await application.run()
            self.bound.fail(LocalLakebaseError(.stopped, "The local workspace has stopped."))
        } catch {
            let problem = self.explain(error)
            self.bound.fail(problem)
            throw problem
        }
    }

    private func explain(_ error: any Error) -> any Error {
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            return LocalLakebaseError(
                .addressInUse, "The name \(self.host) has no address to listen on.",
                remedy: "Choose an address of this machine, such as 127.0.0.1.", underlying: error
            )
        }
        let code = (error as? IOError)?.errnoCode
        switch code {
        case EADDRINUSE:
            return LocalLakebaseError(
                .addressInUse, "\(self.host):\(self.port) is taken by another program.",
                remedy: "Choose another port with --listen, or port 0 for a free one.", underlying: error
            )
        case EADDRNOTAVAIL, EACCES:
            return LocalLakebaseError(
                .addressInUse, "Listening on \(self.host):\(self.port) is not possible: \(error).",
                remedy: "Choose an address of this machine, such as 127.0.0.1, and a port above 1023.",
                underlying: error
            )
        default:
            return error
        }
    }

    /// What a request knows of its connection.
    private struct ChannelContext: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            self.coreContext = .init(source: source)
            self.channel = source.channel
        }
    }

    private func respond(to request: Request, on channel: any Channel) async -> Response {
        let started = ContinuousClock.now
        let target = APIRequest.target(request.uri.string)
        let head = APIRequest(
            method: request.method.rawValue,
            path: target.path,
            query: target.query,
            host: request.head.authority,
            authorization: request.headers[.authorization].map { Secret($0) },
            workspaceID: HTTPField.Name("X-Databricks-Workspace-Id").flatMap { request.headers[$0] }
        )
        let answer = await self.answer(head, request, on: channel)
        // Neither headers nor bodies: both carry credentials.
        self.logger.debug(
            "Request answered",
            metadata: [
                "http.request.method": "\(head.method.escapedForLog(limit: 20))",
                "url.path": "\(target.path.escapedForLog())",
                "http.response.status_code": .stringConvertible(answer.status),
                "lakebase.duration": "\(ContinuousClock.now - started)",
            ]
        )
        return Self.response(answer)
    }

    /// Looks at the head first; the body is read only of a request that may send one.
    private func answer(_ head: APIRequest, _ request: Request, on channel: any Channel) async -> APIResponse {
        let isSecure = self.tls == nil ? false : await channel.speaksTLS
        let ownAddress = "\(self.host):\(request.uri.port ?? self.port)"
        var head = head
        let limit: Int
        let reader: RequestBodyReader
        switch await self.controlPlane.admit(head) {
        case .refused(let answer): return answer
        case .open(let bodyLimit): (limit, reader) = (bodyLimit, self.strangers)
        case .known(let identity, let bodyLimit):
            head.identity = identity
            self.connections.vouched(for: channel)
            (limit, reader) = (bodyLimit, self.known)
        }
        do throws(RequestBodyReader.Failure) {
            try RequestBodyReader.check(request, limit)
            if request.headers[.expect] != nil { channel.triggerUserOutboundEvent(ContinueEvent(), promise: nil) }
            let asked = head
            guard limit > ControlPlane.memoryLimit else {
                return try await reader.collect(request, limit: limit) { body in
                    var asked = asked
                    asked.body = body
                    return await self.controlPlane.respond(to: asked, ownAddress: ownAddress, isSecure: isSecure)
                }
            }
            let file = "\(self.spoolFolder)/\(UUID().uuidString)"
            return try await reader.spool(request, limit: limit, to: file) { body in
                var asked = asked
                asked.body = body
                return await self.controlPlane.respond(to: asked, ownAddress: ownAddress, isSecure: isSecure)
            }
        } catch {
            return Self.refusal(error)
        }
    }

    private static func refusal(_ failure: RequestBodyReader.Failure) -> APIResponse {
        switch failure {
        case .tooLong(let limit):
            APIFailure(413, "MALFORMED_REQUEST", "The request's body has more than \(limit) bytes.").response
        case .noRoom:
            APIFailure(
                503, "TEMPORARILY_UNAVAILABLE", "Too many requests send their bodies at the same time.",
                headers: ["Retry-After": "1"]
            ).response
        case .broken: APIFailure(400, "MALFORMED_REQUEST", "The request's body cannot be read.").response
        case .unwritable:
            APIFailure(500, "INTERNAL_ERROR", "The request's body cannot be written to the data folder.").response
        }
    }

    private struct Disconnected: Error {}

    private static func response(_ answer: APIResponse) -> Response {
        if answer.disconnects {
            // A length that is not kept: the client sees the connection break.
            return Response(
                status: .ok, body: ResponseBody(contentLength: 1) { _ in throw Disconnected() }
            )
        }
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}
