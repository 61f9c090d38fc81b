//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Synchronization

/// Answers some requests itself, and passes the others on.
final class FaultyTransport: HTTPTransport {
    private let inner = AsyncHTTPClientTransport(environment: [:])
    private let fault = Mutex<(part: String, status: Int)?>(nil)
    private let doubled = Mutex<String?>(nil)

    /// Requests whose method and address hold this get this status; nil passes everything on.
    func fail(_ fault: (part: String, status: Int)?) { self.fault.withLock { $0 = fault } }

    /// The next request whose method and address hold this is sent twice, as if another client had sent the same a moment earlier.
    func double(_ part: String) { self.doubled.withLock { $0 = part } }

    func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse {
        let line = "\(request.method.rawValue) \(request.url)"
        if let fault = self.fault.withLock({ $0 }), line.contains(fault.part) {
            let body = #"{"error_code": "INJECTED", "message": "status \#(fault.status) for the test"}"#
            return TransportResponse(
                status: fault.status, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
        }
        let isDoubled = self.doubled.withLock { part in
            guard let wanted = part, line.contains(wanted) else { return false }
            part = nil
            return true
        }
        if isDoubled { _ = try await self.inner.send(request, maximumBody: maximumBody) }
        return try await self.inner.send(request, maximumBody: maximumBody)
    }
}
