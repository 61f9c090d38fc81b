//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A web server that signs in as a workspace does, and keeps what it was asked.
///
/// It knows every grant, and answers calls only to tokens that live.
final class StubWorkspace: Sendable {
    struct Seen: Sendable {
        var line: String
        var authorization: String?
        var userAgent: String?
        var form: [String: String] = [:]
    }

    private struct State {
        var requests: [Seen] = []
        var issued = 0
        var live: Set<String> = []
        var deadCalls = 0
        var refreshTokens: Set<String> = ["refresh-0"]
        var codes: [String: (challenge: String, redirect: String)] = [:]
        var lifetime = 3_600
        var audience: String?
        var refusal: String?
    }

    private let state = Mutex(State())
    private let port = Mutex(0)

    var url: String { "http://127.0.0.1:\(self.port.withLock { $0 })" }
    var requests: [Seen] { self.state.withLock { $0.requests } }
    var tokenRequests: [Seen] { self.requests.filter { $0.line == "POST /oidc/v1/token" } }
    /// Calls that came with a token that had ended.
    var deadCalls: Int { self.state.withLock { $0.deadCalls } }

    /// Makes all tokens end.
    func endTokens() { self.state.withLock { $0.live = [] } }
    /// Makes a token live that was not issued here.
    func accept(_ token: String) { self.state.withLock { _ = $0.live.insert(token) } }
    func set(lifetime: Int) { self.state.withLock { $0.lifetime = lifetime } }
    func set(audience: String) { self.state.withLock { $0.audience = audience } }
    /// Refuses every login and every request for a token, for this reason.
    func refuse(_ error: String) { self.state.withLock { $0.refusal = error } }

    static func with<Result>(_ body: (StubWorkspace) async throws -> Result) async throws -> Result {
        let workspace = StubWorkspace()
        let started = AsyncStream<Int>.makeStream()
        let application = Application(
            router: workspace.router(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { started.continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in started.stream {
                workspace.port.withLock { $0 = port }
                break
            }
            defer { group.cancelAll() }
            return try await body(workspace)
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/.well-known/databricks-config") { request, _ in
            self.note(request)
            let audience = self.state.withLock { $0.audience }.map {
                #","token_federation_default_oidc_audiences":["\#($0)"]"#
            }
            return Self.json(
                #"{"oidc_endpoint":"\#(self.url)/oidc","workspace_id":"4242","cloud":"aws"\#(audience ?? "")}"#)
        }
        router.get("/oidc/.well-known/oauth-authorization-server") { request, _ in
            self.note(request)
            return Self.json(
                #"{"token_endpoint":"\#(self.url)/oidc/v1/token","authorization_endpoint":"\#(self.url)/oidc/v1/authorize"}"#
            )
        }
        router.get("/oidc/v1/authorize") { request, _ in
            self.note(request)
            let fields = Self.fields(request.uri.query ?? "")
            return Response(status: .found, headers: [.location: self.authorize(fields)])
        }
        router.post("/oidc/v1/token") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 16)
            let form = Self.fields(String(buffer: body))
            self.note(request, form)
            return self.token(form, authorization: request.headers[.authorization])
        }
        router.get("/github") { request, _ in
            self.note(request)
            return request.headers[.authorization] == "Bearer request-token"
                ? Self.json(#"{"value":"id-token"}"#) : Self.json("{}", .unauthorized)
        }
        router.get("/api/2.0/preview/scim/v2/Me") { request, _ in
            self.note(request)
            let token = request.headers[.authorization].map { $0.replacing("Bearer ", with: "") } ?? ""
            let isLive = self.state.withLock { state in
                if state.live.contains(token) { return true }
                state.deadCalls += 1
                return false
            }
            return isLive
                ? Self.json(#"{"userName":"me@example.com"}"#)
                : Self.json(#"{"error_code":"UNAUTHENTICATED","message":"ended"}"#, .unauthorized)
        }
        return router
    }

    /// Where the browser goes after the login.
    private func authorize(_ fields: [String: String]) -> String {
        let back = "\(fields["redirect_uri"] ?? "")/?state=\(fields["state"] ?? "")"
        return self.state.withLock { state in
            if let refusal = state.refusal { return back + "&error=\(refusal)&error_description=No%20way+in" }
            let code = "code-\(state.codes.count)"
            state.codes[code] = (fields["code_challenge"] ?? "", fields["redirect_uri"] ?? "")
            return back + "&code=\(code)"
        }
    }

    private func token(_ form: [String: String], authorization: String?) -> Response {
        self.state.withLock { state in
            if let refusal = state.refusal {
                return Self.json(
                    #"{"error":"\#(refusal)","error_description":"Refresh token is invalid"}"#, .badRequest)
            }
            let isRight =
                switch form["grant_type"] {
                case "client_credentials":
                    authorization == "Basic " + Data("client-1:s3cret".utf8).base64EncodedString()
                case "urn:ietf:params:oauth:grant-type:token-exchange":
                    form["subject_token"] == "id-token"
                        && form["subject_token_type"] == "urn:ietf:params:oauth:token-type:jwt" && authorization == nil
                case "refresh_token":
                    state.refreshTokens.remove(form["refresh_token"] ?? "") != nil
                        && form["client_id"] == "databricks-cli"
                case "authorization_code":
                    state.codes.removeValue(forKey: form["code"] ?? "").map {
                        $0.challenge == Self.challenge(form["code_verifier"] ?? "")
                            && $0.redirect == form["redirect_uri"]
                    } ?? false
                default: false
                }
            guard isRight else { return Self.json(#"{"error":"invalid_grant"}"#, .badRequest) }
            state.issued += 1
            let token = "tok-\(state.issued)"
            state.live.insert(token)
            var refresh = ""
            if form["grant_type"] == "refresh_token" || form["grant_type"] == "authorization_code" {
                refresh = #","refresh_token":"refresh-\#(state.issued)""#
                state.refreshTokens.insert("refresh-\(state.issued)")
            }
            return Self.json(
                #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":\#(state.lifetime)\#(refresh)}"#)
        }
    }

    private func note(_ request: Request, _ form: [String: String] = [:]) {
        let seen = Seen(
            line: "\(request.method) \(request.uri)", authorization: request.headers[.authorization],
            userAgent: request.headers[.userAgent], form: form)
        self.state.withLock { $0.requests.append(seen) }
    }

    private static func challenge(_ verifier: String) -> String {
        Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func fields(_ text: String) -> [String: String] {
        var components = URLComponents()
        components.percentEncodedQuery = text
        return Dictionary(
            (components.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    private static func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
