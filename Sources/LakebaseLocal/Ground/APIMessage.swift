//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// A request to the workspace, independent of the HTTP server.
struct APIRequest: Sendable {
    var method: String
    /// The path without the query, percent-decoded.
    var path: String
    /// The decoded items of the query; of several with one name, the first wins.
    var query: [String: String] = [:]
    /// The `Host` header.
    var host: String?
    var authorization: Secret?
    /// The `X-Databricks-Workspace-Id` header.
    var workspaceID: String?
    var body = Data()

    /// The message for an API that does not exist; like the service's, it leaves out the part before the API's name.
    var noSuchAPI: String {
        "No API found for '\(self.method) \(self.path.droppingExactly(prefix: "/api/2.0") ?? self.path[...])'"
    }

    /// Reads a request target such as `/a/b?c=d`.
    static func target(_ target: String) -> (path: String, query: [String: String]) {
        let parts = target.splitExactly(at: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        var query: [String: String] = [:]
        if parts.count == 2 {
            for (name, value) in Self.form(parts[1]) where query[name] == nil { query[name] = value }
        }
        return (path.removingPercentEncoding ?? path, query)
    }

    /// The fields of a form in the body; of several with one name, the first wins.
    var form: [String: String] {
        var form: [String: String] = [:]
        for (name, value) in Self.form(String(decoding: self.body, as: UTF8.self)) where form[name] == nil {
            form[name] = value
        }
        return form
    }

    /// The maximum number of items that are read from a query or a form body.
    private static let fieldLimit = 200

    /// The items of a query or of a form body.
    static func form(_ text: some StringProtocol) -> [(name: String, value: String)] {
        func decoded(_ text: Substring) -> String {
            // By bytes: a plus with a combining mark after it is no plus to Characters.
            let spaced = String(decoding: text.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }, as: UTF8.self)
            return spaced.removingPercentEncoding ?? spaced
        }
        return Substring(text).splitExactly(at: "&").prefix(Self.fieldLimit).map { item in
            let parts = item.splitExactly(at: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(parts[0]), parts.count == 2 ? decoded(parts[1]) : "")
        }
    }
}

/// An answer of the workspace.
struct APIResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: Data
    /// Whether to close the connection instead of answering: a fault for tests.
    var disconnects = false

    /// An answer in JSON.
    static func json(_ value: some Encodable, status: Int = 200) -> APIResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let data = try? encoder.encode(value) else {
            return APIFailure(500, "INTERNAL_ERROR", "The answer could not be encoded.").response
        }
        return APIResponse(status: status, headers: [("Content-Type", "application/json")], body: data)
    }

    /// The answer with one more header.
    func with(_ name: String, _ value: String) -> APIResponse {
        var response = self
        response.headers.append((name, value))
        return response
    }
}

/// A refusal as an answer.
extension APIFailure {
    /// The error with a trace id in its message and details, as the service sends it.
    func traced(api path: String) -> APIFailure {
        var failure = self
        let isPostgres = path.startsExactly(with: "/api/2.0/postgres/")
        if isPostgres, self.isTraced || self.code.isExactly("NOT_FOUND") {
            failure.message += " [TraceId: \(RandomText.hex(32))]"
        }
        if !self.details.isEmpty {
            failure.details.append(
                .object([
                    "@type": .string("type.googleapis.com/google.rpc.RequestInfo"),
                    "request_id": .string(UUID().uuidString.lowercased()), "serving_data": .string(""),
                ]))
        }
        return failure
    }

    /// The answer for the error.
    var response: APIResponse {
        let body = APIErrorBody(
            errorCode: self.code, message: self.message, details: self.details.isEmpty ? nil : self.details
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let data = (try? encoder.encode(body)) ?? Data("{}".utf8)
        return APIResponse(
            status: self.status,
            headers: [("Content-Type", "application/json")] + self.headers.map { ($0.key, $0.value) }, body: data
        )
    }
}
