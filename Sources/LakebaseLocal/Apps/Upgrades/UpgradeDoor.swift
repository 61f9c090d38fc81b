//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import ExactText
import Foundation
import LocalWorkspace
import NIOCore
import NIOHTTP1
import Secrets

/// Decides which WebSocket requests reach an app, and with which head.
struct UpgradeDoor: Sendable {
    /// The decision about a request.
    enum Admission {
        case refused(HTTPResponseStatus, String)
        /// No process runs.
        case unavailable
        case app(port: Int, AppVisits.Visit)
        case logs(LogStream, ByteBuffer)
    }

    let head: AppProxyHead
    let answerLimit: Duration
    /// The port of the process that serves.
    let port: @Sendable () -> Int?
    let visits: AppVisits
    let surroundings: AppProxy.Surroundings

    func status() async -> String { await self.surroundings.status() }

    /// Whether a request asks for a WebSocket; other upgrades are ignored, and their requests answered as any other
    /// (RFC 9110, 7.8).
    static func isMeant(by head: HTTPRequestHead) -> Bool {
        head.method == .GET && head.version == .http1_1
            && head.headers[canonicalForm: "Upgrade"].contains {
                LoopbackHost.lowercased(String($0)).isExactly("websocket")
            }
            && head.headers[canonicalForm: "Connection"].contains {
                LoopbackHost.lowercased(String($0)).isExactly("upgrade")
            }
            && !head.headers.contains(name: "Content-Length") && !head.headers.contains(name: "Transfer-Encoding")
    }

    /// Decides about a request.
    func admit(_ request: HTTPRequestHead) -> Admission {
        let authority = request.headers.first(name: "Host")
        guard self.head.isAllowed(authority: authority), let authority else {
            return .refused(.misdirectedRequest, "This address serves requests for this machine only.\n")
        }
        // A browser sends its cookies with a WebSocket of any page, and lets that page read the answer.
        for origin in request.headers["Origin"] where !Self.isSame(origin: origin, authority: authority) {
            return .refused(.forbidden, "Pages of other origins cannot open WebSockets of this app.\n")
        }
        guard request.uri.startsExactly(with: "/") else {
            return .refused(.badRequest, "The target of the request is not a path.\n")
        }
        let path = request.uri.splitExactly(at: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if path.isExactly("/logz/stream") {
            guard let key = request.headers.first(name: "Sec-WebSocket-Key") else {
                return .refused(.badRequest, "The request has no Sec-WebSocket-Key.\n")
            }
            return .logs(LogStream(self.surroundings.log), Self.agreement(key: key))
        }
        guard let port = self.port() else { return .unavailable }
        guard let visit = self.visits.begin() else {
            return .refused(
                .serviceUnavailable,
                "App not available: it has \(self.visits.limit) requests open, which is the limit.\n")
        }
        return .app(port: port, visit)
    }

    static func isSame(origin: String, authority: String) -> Bool {
        let (origin, authority) = (LoopbackHost.lowercased(origin), LoopbackHost.lowercased(authority))
        return origin.isExactly("http://" + authority) || origin.isExactly("https://" + authority)
    }

    /// The head that is sent to the app.
    ///
    /// - Parameter isSecure: Whether the visitor speaks TLS.
    func request(_ request: HTTPRequestHead, isSecure: Bool) async -> HTTPRequestHead {
        let visitor = self.surroundings.visitor
        var headers = HTTPHeaders(
            self.head.forwarded(
                request.headers.map { ($0.name, $0.value) }, authority: request.headers.first(name: "Host"),
                userName: visitor.userName, displayName: visitor.displayName, requestID: UUID().uuidString.lowercased(),
                isSecure: isSecure)
        )
        headers.add(name: "Connection", value: "Upgrade")
        headers.add(name: "Upgrade", value: "websocket")
        if let token = await self.surroundings.token() {
            token.withUnsafeValue { headers.replaceOrAdd(name: "X-Forwarded-Access-Token", value: $0) }
        }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: request.uri, headers: headers)
    }

    /// The bytes of a head.
    static func bytes(of head: HTTPResponseHead) -> ByteBuffer {
        var text = "HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)\r\n"
        for (name, value) in head.headers { text += "\(name): \(value)\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }

    /// The answer that accepts a WebSocket (RFC 6455, 4.2.2).
    static func agreement(key: String) -> ByteBuffer {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Self.bytes(
            of: HTTPResponseHead(
                version: .http1_1, status: .switchingProtocols,
                headers: [
                    "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": Data(digest).base64EncodedString(),
                ]))
    }
}
