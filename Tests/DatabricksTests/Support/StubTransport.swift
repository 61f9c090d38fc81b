//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization

@testable import Databricks

/// Answers from a function, and keeps what was asked.
final class StubTransport: HTTPTransport {
    /// What a test sees of a request, secrets included.
    struct Seen: Sendable {
        var line: String
        var headers: [String: String]
        var body: String
    }

    typealias Handler = @Sendable (_ request: Seen, _ number: Int) async throws(DatabricksError) -> TransportResponse

    private let handler: Handler
    private let seen = Mutex<[Seen]>([])

    init(_ handler: @escaping Handler) { self.handler = handler }

    var requests: [Seen] { self.seen.withLock { $0 } }
    var lines: [String] { self.requests.map(\.line) }

    func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse {
        var headers: [String: String] = [:]
        for (name, value) in request.headers { headers[name] = value }
        for (name, value) in request.secretHeaders { headers[name] = value.withUnsafeValue { $0 } }
        let seen = Seen(
            line: "\(request.method.rawValue) \(request.url)", headers: headers,
            body: String(decoding: request.body ?? [], as: UTF8.self)
        )
        let number = self.seen.withLock { all in
            all.append(seen)
            return all.count
        }
        return try await self.handler(seen, number)
    }
}

extension TransportResponse {
    static func json(_ text: String, status: Int = 200, headers: [(name: String, value: String)] = [])
        -> TransportResponse
    {
        TransportResponse(
            status: status, headers: [("Content-Type", "application/json")] + headers, body: Array(text.utf8)
        )
    }
}

/// Time that passes only in pauses.
final class PauseTime: Sendable {
    private let state = Mutex<(now: Duration, pauses: [Duration])>((.zero, []))

    var pauses: [Duration] { self.state.withLock { $0.pauses } }

    func sender(_ transport: any HTTPTransport, policy: RetryPolicy = .init(), logger: Logger? = nil) -> HTTPSender {
        HTTPSender(
            transport: transport,
            policy: policy,
            logger: logger ?? Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            pause: { pause in
                self.state.withLock {
                    $0.now += pause
                    $0.pauses.append(pause)
                }
            },
            now: { self.state.withLock { $0.now } },
            jitter: { 0 }
        )
    }
}

extension WorkspaceConfiguration {
    static func pat(_ host: String = "https://h.example.com", token: String = "dapi-1") -> WorkspaceConfiguration {
        WorkspaceConfiguration(
            host: Setting(host, from: .argument),
            authentication: .personalToken(Setting(Secret(token), from: .environment("DATABRICKS_TOKEN"))),
            product: .init(name: "notes app", version: "1.2")
        )
    }

    static func m2m(_ host: String = "https://h.example.com", secret: String = "s3cret") -> WorkspaceConfiguration {
        WorkspaceConfiguration(
            host: Setting(host, from: .argument),
            authentication: .clientCredentials(
                id: Setting("client-1", from: .environment("DATABRICKS_CLIENT_ID")),
                secret: Setting(Secret(secret), from: .environment("DATABRICKS_CLIENT_SECRET"))
            )
        )
    }
}
