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

/// The HTTP server of the workspace's API.
final class ControlPlaneServer: Sendable {
    /// The longest body of a request with a credential, in bytes; uploads have limits of their own.
    static let bodyLimit = 1024 * 1024

    private let controlPlane: ControlPlane
    private let host: String
    private let port: Int
    private let logger: Logger
    private let gate: RequestGate
    private let connections: ConnectionBook
    private let tls: NIOSSLContext?
    /// The folder for bodies that are too long for memory.
    private let spoolFolder: String
    private let callerBodies: RequestBodyReader
    private let openBodies: RequestBodyReader
    private let bound = AsyncPromise<Int>()

    /// - Parameter tls: For clients that speak TLS, on the same port as the others; `nil` refuses them.
    init(
        controlPlane: ControlPlane, host: String, port: Int, spoolFolder: String, limits: HTTPLimits = HTTPLimits(),
        tls: NIOSSLContext? = nil, logger: Logger
    ) {
        self.tls = tls
        self.gate = RequestGate(listenHost: host, limits: limits)
        self.connections = ConnectionBook(limit: limits.strangers)
        self.spoolFolder = spoolFolder
        // Two budgets, so that requests without a credential cannot use up that of the others.
        self.callerBodies = RequestBodyReader(budget: BodyBudget(limit: limits.knownBytes))
        self.openBodies = RequestBodyReader(budget: BodyBudget(limit: limits.strangerBytes))
        self.controlPlane = controlPlane
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// Waits until the server listens, and returns its port.
    func boundPort() async throws -> Int { try await self.bound.value() }

    /// Serves until the task is cancelled or shut down.
    func run() async throws {
        // The framework logs its start at info and its cancellation as an error; neither is of use here.
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

    /// Answers a request through the router, and logs it.
    private func respond(
        to request: Request, _ context: WorkspaceContext, by routes: RouterResponder<WorkspaceContext>
    ) async throws -> Response {
        let started = ContinuousClock.now
        let target = APIRequest.target(request.uri.string)
        var context = context
        context.request = APIRequest(
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
        // Without headers and bodies, since both may hold credentials.
        self.logger.debug(
            "Request answered",
            metadata: [
                "http.request.method": "\(context.request.method.escapedForLog(limit: 20))",
                "url.path": "\(target.path.escapedForLog())",
                "http.response.status_code": .stringConvertible(response.status.code),
                "lakebase.duration": "\(ContinuousClock.now - started)",
            ]
        )
        return response
    }

    /// The router of all routes; a request without a route gets the same checks.
    private func makeRoutes() -> RouterResponder<WorkspaceContext> {
        let responder = RouteResponder(
            controlPlane: self.controlPlane, connections: self.connections, callerBodies: self.callerBodies,
            openBodies: self.openBodies, spoolFolder: self.spoolFolder)
        let router = Router(context: WorkspaceContext.self)
        router.add(middleware: APIErrors { try await responder.respond(to: $0, $1, by: nil) })
        WorkspaceRoute.add(to: router) { try await responder.respond(to: $1, $2, by: $0) }
        return router.buildResponder()
    }
}
