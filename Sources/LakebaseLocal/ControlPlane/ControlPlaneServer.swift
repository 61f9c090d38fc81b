//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOFoundationCompat
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
    private let bound = OneTimeValue<Int>()

    init(controlPlane: ControlPlane, host: String, port: Int, logger: Logger) {
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
            responder: CallbackResponder<BasicRequestContext> { request, _ in await self.respond(to: request) },
            configuration: ApplicationConfiguration(address: .hostname(self.host, port: self.port)),
            onServerRunning: { channel in self.bound.succeed(channel.localAddress?.port ?? self.port) },
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

    private func respond(to request: Request) async -> Response {
        let started = ContinuousClock.now
        let target = APIRequest.target(request.uri.string)
        let answer: APIResponse
        let limit = WorkspaceServices.bodyLimit(path: target.path) ?? Self.bodyLimit
        do {
            var body = try await request.body.collect(upTo: limit)
            let data = body.readData(length: body.readableBytes) ?? Data()
            answer = await self.controlPlane.respond(
                to: APIRequest(
                    method: request.method.rawValue,
                    path: target.path,
                    query: target.query,
                    host: request.head.authority,
                    authorization: request.headers[.authorization].map { Secret($0) },
                    workspaceID: HTTPField.Name("X-Databricks-Workspace-Id").flatMap { request.headers[$0] },
                    body: data
                ),
                ownAddress: "\(self.host):\(request.uri.port ?? self.port)"
            )
        } catch {
            answer =
                APIFailure(
                    413, "MALFORMED_REQUEST",
                    "The request's body cannot be read or has more than \(limit) bytes."
                ).response
        }
        // Neither headers nor bodies: both carry credentials.
        self.logger.debug(
            "Request answered",
            metadata: [
                "http.request.method": "\(request.method.rawValue)", "url.path": "\(target.path)",
                "http.response.status_code": .stringConvertible(answer.status),
                "lakebase.duration": "\(ContinuousClock.now - started)",
            ]
        )
        return Self.response(answer)
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
