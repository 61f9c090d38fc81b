//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import NIOCore

/// What the routes of the workspace know of a request.
struct WorkspaceContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// The request apart from the server: its head, the caller once the credential is checked, and the body once it is read.
    var call = APIRequest(method: "", path: "")
    /// The address that answers name when the request names none.
    var ownAddress = ""
    /// Whether the request came over TLS.
    var isSecure = false

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }
}

extension APIResponse: ResponseGenerator {
    private struct Disconnected: Error {}

    /// The response of the server for this answer.
    func response(from request: Request, context: some RequestContext) -> Response { self.httpResponse }

    /// The response of the server for this answer.
    var httpResponse: Response {
        if self.disconnects {
            // A length that is not kept: the client sees the connection break.
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
