//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Lakebase
import LakebaseLocal
import Logging

/// A workspace that answers what a test says, for what the local one never does.
struct ScriptedWorkspace: HTTPTransport {
    /// By the end of the path.
    var answers: [String: (status: Int, body: String)] = [:]
    /// Whether other calls get no answer at all, in place of 404.
    var isSilentOtherwise = false

    func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse {
        let path = request.url.split(separator: "?").first.map(String.init) ?? request.url
        let found = self.answers.first { path.hasSuffix($0.key) }?.value
        if found == nil, self.isSilentOtherwise {
            // Until the caller gives up.
            try? await Task.sleep(for: .seconds(60))
            throw DatabricksError(code: .cancelled, message: "nobody answered")
        }
        let answer = found ?? (404, #"{"error_code": "NOT_FOUND", "message": "there is none"}"#)
        return TransportResponse(
            status: answer.status, headers: [("Content-Type", "application/json")], body: Array(answer.body.utf8))
    }

    /// Hands out a token that the script makes, which says it ends in an hour.
    static func minting(_ token: String, life: TimeInterval = 3600) -> ScriptedWorkspace {
        let end = (Date() + life).formatted(.iso8601)
        return ScriptedWorkspace(answers: [
            "/postgres/credentials": (200, #"{"token": "\#(token)", "expire_time": "\#(end)"}"#)
        ])
    }

    /// A JWT with these claims, signed by nobody.
    static func token(_ claims: String) -> String {
        func part(_ text: String) -> String {
            Data(text.utf8).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return "\(part(#"{"alg":"ES256"}"#)).\(part(claims)).\(part("no signature"))"
    }
}

extension Scene {
    /// The error of a query by a client whose workspace is scripted and whose server is the local one.
    func errorOfQuery(
        _ workspace: ScriptedWorkspace, changes: [String: String?] = [:],
        _ change: (inout LakebaseConfiguration) -> Void = { _ in }
    ) async throws -> LakebaseError? {
        var configuration = try LakebaseConfiguration.fromEnvironment(
            self.stack.environment(.developer, changes), pool: Self.quickPool)
        // The script need not know the endpoint.
        configuration.allowsOtherHosts = true
        change(&configuration)
        let settings = try WorkspaceConfiguration.resolve(environment: self.stack.environment(.developer))
        let client = try LakebaseClient(
            configuration: configuration,
            workspace: WorkspaceClient(
                configuration: settings, transport: workspace, retryPolicy: RetryPolicy(maximumAttempts: 1),
                logger: quietLogger),
            logger: quietLogger)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            do {
                try await client.query("SELECT 1")
                return nil
            } catch {
                return error as? LakebaseError
            }
        }
    }

    var developerName: String { self.stack.ready.developer.userName }

    /// Claims of a credential of the developer, from now on for an hour.
    func claims(subject: String? = nil, issued: TimeInterval = 0, life: TimeInterval = 3600) -> String {
        let start = Date().timeIntervalSince1970 + issued
        return #"{"sub": "\#(subject ?? self.developerName)", "iat": \#(Int(start)), "exp": \#(Int(start + life))}"#
    }
}
