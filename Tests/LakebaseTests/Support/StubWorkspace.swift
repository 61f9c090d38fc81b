//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Synchronization
import TestSupport

/// A workspace that mints credentials without a network: what it is asked can be looked at, and what it answers chosen.
final class StubWorkspace: HTTPTransport {
    private struct State {
        var bodies: [String] = []
        var failures = 0
    }

    private let state = Mutex(State())
    private let lifetime: TimeInterval

    /// - Parameter lifetime: Seconds that its credentials live.
    init(lifetime: TimeInterval = 3600) { self.lifetime = lifetime }

    /// The bodies of the requests for credentials.
    var bodies: [String] { self.state.withLock { $0.bodies } }

    /// How many requests are to fail from now on.
    func fail(_ count: Int) { self.state.withLock { $0.failures = count } }

    func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse {
        guard request.url.hasSuffix("/credentials") else {
            return Self.json(#"{"error_code":"NOT_FOUND","message":"there is only one call"}"#, status: 404)
        }
        let (number, isFailing) = self.state.withLock { state in
            state.bodies.append(String(decoding: request.body ?? [], as: UTF8.self))
            state.failures -= 1
            return (state.bodies.count, state.failures >= 0)
        }
        if isFailing {
            return Self.json(#"{"error_code":"PERMISSION_DENIED","message":"not today"}"#, status: 403)
        }
        let end = Date(timeIntervalSinceNow: self.lifetime).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
        let isInstance = request.url.contains("/database/")
        return Self.json(
            #"{"token":"token-\#(number)","\#(isInstance ? "expiration_time" : "expire_time")":"\#(end)"}"#)
    }

    private static func json(_ text: String, status: Int = 200) -> TransportResponse {
        TransportResponse(
            status: status, headers: [(name: "Content-Type", value: "application/json")], body: Array(text.utf8))
    }

    /// A client of it.
    var client: WorkspaceClient {
        get throws {
            let configuration = try WorkspaceConfiguration.resolve(
                .init(host: "https://h.example.com", token: Secret("dapi-1")), environment: [:])
            return WorkspaceClient(configuration: configuration, transport: self, logger: LogStore().logger)
        }
    }
}
