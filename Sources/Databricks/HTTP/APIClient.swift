//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Logging
internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Calls the APIs of one workspace.
struct APIClient: Sendable {
    let host: String
    let sender: HTTPSender
    let credentials: any CredentialsProvider
    let userAgent: String
    let workspaceID: WorkspaceID
    /// The wall clock.
    ///
    /// Replaced in tests.
    let now: @Sendable () -> Date

    /// Calls without a body.
    func call<Answer: Decodable>(
        _ method: TransportRequest.Method, _ path: String, query: [(name: String, value: String)] = []
    ) async throws(DatabricksError) -> Answer {
        try await self.call(method, path, query: query, bytes: nil, isRepeatable: method == .get)
    }

    /// Calls with a body.
    ///
    /// - Parameter isRepeatable: Whether doing it twice is the same as doing it once.
    func call<Answer: Decodable>(
        _ method: TransportRequest.Method,
        _ path: String,
        query: [(name: String, value: String)] = [],
        body: some Encodable,
        isRepeatable: Bool
    ) async throws(DatabricksError) -> Answer {
        let bytes: Data
        do {
            bytes = try JSONEncoder().encode(body)
        } catch {
            throw DatabricksError(
                code: .invalidRequest, message: "the request cannot be written as JSON",
                operation: "\(method.rawValue) \(path)"
            )
        }
        return try await self.call(method, path, query: query, bytes: Array(bytes), isRepeatable: isRepeatable)
    }

    private func call<Answer: Decodable>(
        _ method: TransportRequest.Method,
        _ path: String,
        query: [(name: String, value: String)],
        bytes: [UInt8]?,
        isRepeatable: Bool
    ) async throws(DatabricksError) -> Answer {
        let answer = try await self.exchange(method, path, query: query, bytes: bytes, isRepeatable: isRepeatable)
        return try ResponseDecoder.decode(Answer.self, from: answer, operation: "\(method.rawValue) \(path)")
    }

    /// Sends a body of bytes and returns the bytes of the answer.
    ///
    /// - Parameters:
    ///   - type: What the body is, if there is one.
    ///   - isRepeatable: Whether doing it twice is the same as doing it once.
    func exchange(
        _ method: TransportRequest.Method,
        _ path: String,
        query: [(name: String, value: String)] = [],
        bytes: [UInt8]?,
        type: String = "application/json",
        isRepeatable: Bool
    ) async throws(DatabricksError) -> TransportResponse {
        let operation = "\(method.rawValue) \(path)"
        let suffix = query.isEmpty ? "" : "?" + URLEncoding.fields(query)
        var headers = [(name: "Accept", value: "application/json"), (name: "User-Agent", value: self.userAgent)]
        if bytes != nil { headers.append(("Content-Type", type)) }
        if let id = self.workspaceID.value { headers.append(("X-Databricks-Workspace-Id", id)) }
        let request = TransportRequest(method: method, url: self.host + path + suffix, headers: headers, body: bytes)
        let answer: TransportResponse
        do {
            answer = try await self.sender.send(
                request, operation: operation, isRepeatable: isRepeatable, credentials: self.credentials
            )
        } catch var error {
            if error.httpStatus == 401 || error.httpStatus == 403, error.operation == operation {
                error.message += "; \(self.credentials.explanation)"
            }
            throw error
        }
        if let id = answer.header("X-Databricks-Org-Id") { self.workspaceID.learn(id) }
        return answer
    }

    /// A resource's name as part of a path.
    ///
    /// - Throws: `invalidRequest` for a name with empty parts, `.` or `..`, which would call something else.
    static func path(ofName name: String, allowsSlash: Bool = true) throws(DatabricksError) -> String {
        let parts = name.splitExactly(at: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), allowsSlash || parts.count == 1 else {
            throw DatabricksError(
                code: .invalidRequest,
                message: "'\(ErrorParser.clean(String(name.prefix(200))))' is not the name of a resource"
            )
        }
        return URLEncoding.path(name)
    }
}
