//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import HTTPTypes
import Hummingbird
import LocalGround
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
        let routes = self.makeRoutes()
        let application = Application(
            responder: CallbackResponder<WorkspaceContext> { request, context in
                try await self.respond(to: request, context, by: routes)
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

    /// Answers a request by the router, and logs it.
    private func respond(
        to request: Request, _ context: WorkspaceContext, by routes: RouterResponder<WorkspaceContext>
    ) async throws -> Response {
        let started = ContinuousClock.now
        let target = APIRequest.target(request.uri.string)
        var context = context
        context.call = APIRequest(
            method: request.method.rawValue,
            path: target.path,
            query: target.query,
            host: request.head.authority,
            authorization: request.headers[.authorization].map { Secret($0) },
            workspaceID: HTTPField.Name("X-Databricks-Workspace-Id").flatMap { request.headers[$0] }
        )
        context.isSecure = self.tls == nil ? false : await context.channel.speaksTLS
        context.ownAddress = "\(self.host):\(request.uri.port ?? self.port)"
        let response = try await routes.respond(
            to: RoutedRequest.of(request, path: target.path), context: context)
        // Neither headers nor bodies: both carry credentials.
        self.logger.debug(
            "Request answered",
            metadata: [
                "http.request.method": "\(context.call.method.escapedForLog(limit: 20))",
                "url.path": "\(target.path.escapedForLog())",
                "http.response.status_code": .stringConvertible(response.status.code),
                "lakebase.duration": "\(ContinuousClock.now - started)",
            ]
        )
        return response
    }

    /// Answers a request for what is not among the routes.
    ///
    /// Looks at the head first; the body is read only of a request that may send one.
    private func answer(_ request: Request, _ context: WorkspaceContext) async -> APIResponse {
        var head = context.call
        let limit: Int
        let reader: RequestBodyReader
        switch await self.controlPlane.admit(head) {
        case .refused(let answer): return answer
        case .open(let bodyLimit): (limit, reader) = (bodyLimit, self.strangers)
        case .known(let identity, let bodyLimit):
            head.identity = identity
            self.connections.vouched(for: context.channel)
            (limit, reader) = (bodyLimit, self.known)
        }
        do throws(RequestBodyReader.Failure) {
            try RequestBodyReader.check(request, limit)
            if request.headers[.expect] != nil {
                context.channel.triggerUserOutboundEvent(ContinueEvent(), promise: nil)
            }
            let asked = head
            return try await reader.collect(request, limit: limit) { body in
                var asked = asked
                asked.body = body
                return await self.controlPlane.respond(
                    to: asked, ownAddress: context.ownAddress, isSecure: context.isSecure)
            }
        } catch {
            return error.answer
        }
    }

    /// The routes of the features; what has none goes to ``answer(_:_:)``.
    private func makeRoutes() -> RouterResponder<WorkspaceContext> {
        let router = Router(context: WorkspaceContext.self)
        router.add(middleware: APIErrors { await self.answer($0, $1) })
        self.controlPlane.services.addRoutes(
            to: router,
            RouteChecks(
                controlPlane: self.controlPlane, connections: self.connections, reader: self.known,
                spoolFolder: self.spoolFolder))
        return router.buildResponder()
    }
}
