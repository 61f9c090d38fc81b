//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import NIOCore

/// The context of a request to the workspace, which the routes read.
struct WorkspaceContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// The request in a form without the server's types; its body is empty until it is read.
    var request = APIRequest(method: "", path: "")
    /// The address of the workspace for answers to a request that names no host.
    var ownAddress = ""
    /// Whether the request came over TLS.
    var isSecure = false

    /// The URL under which the client reaches the workspace.
    var baseURL: String {
        ControlPlane.baseURL(host: self.request.host, ownAddress: self.ownAddress, isSecure: self.isSecure)
    }
    /// The issuer of the workspace's tokens, as the client knows it.
    var issuer: String { self.baseURL + "/oidc" }

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }
}

extension APIResponse: ResponseGenerator {
    private struct Disconnected: Error {}

    /// The server's response with this answer.
    func response(from request: Request, context: some RequestContext) -> Response { self.httpResponse }

    /// The server's response with this answer.
    var httpResponse: Response {
        if self.disconnects {
            // The body is shorter than its length, so the client sees the connection break.
            return Response(status: .ok, body: ResponseBody(contentLength: 1) { _ in throw Disconnected() })
        }
        var headers = HTTPFields()
        for (name, value) in self.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: HTTPResponse.Status(code: self.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: self.body)))
    }
}
