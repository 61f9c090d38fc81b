//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
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

/// An error in the service's format.
struct APIFailure: Error, Equatable {
    var status: Int
    var code: String
    var message: String
    var headers: [String: String]
    /// The details, in the formats of `google.rpc`.
    var details: [JSONValue]
    /// Whether its message ends with a trace id.
    var isTraced = false

    init(
        _ status: Int, _ code: String, _ message: String, headers: [String: String] = [:], details: [JSONValue] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.details = details
    }

    /// The detail of refusing to delete a resource that is deleted only with its parent.
    static let managedByParent = JSONValue.object([
        "@type": .string("type.googleapis.com/google.rpc.ErrorInfo"), "reason": .string("RESOURCE_CONFLICT"),
        "domain": .string("databricks.com"), "metadata": .object(["declarative_context": .string("MANAGED_BY_PARENT")]),
    ])

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

    /// 400 for a required field that is missing.
    static func missing(_ field: String) -> APIFailure {
        .invalid("Field '\(field)' is required, expected non-default value (not \"\")!")
    }

    /// 501 for a feature of the service that the local workspace lacks.
    static func notEmulated(_ what: String) -> APIFailure {
        APIFailure(501, "NOT_IMPLEMENTED", "The local workspace does not have this: \(what).")
    }

    /// 400 for a field with an invalid value.
    static func invalid(_ message: String) -> APIFailure { APIFailure(400, "INVALID_PARAMETER_VALUE", message) }

    /// 404; callers look for "not found" in the text.
    static func notFound(_ message: String) -> APIFailure { APIFailure(404, "NOT_FOUND", message) }

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
