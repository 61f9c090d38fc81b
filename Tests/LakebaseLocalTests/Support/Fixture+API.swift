//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

extension Fixture {
    /// What the API answered.
    struct Reply: Sendable {
        var status: Int
        var body: JSONValue

        /// The value at a path such as `status.hosts.host`.
        subscript(path: String) -> JSONValue? {
            path.split(separator: ".").reduce(self.body as JSONValue?) { $0?[String($1)] }
        }

        func text(_ path: String) -> String? { self[path]?.stringValue }
    }

    /// Calls the API as the developer.
    func api(
        _ method: String, _ path: String, _ body: String? = nil, as identity: LocalLakebase.Identity = .developer
    ) async throws -> Reply {
        let answer = try await self.http(
            method, "/api/2.0/" + path, token: try await self.apiToken(identity), body: body
        )
        let value = (try? JSONDecoder().decode(JSONValue.self, from: answer.body)) ?? .null
        return Reply(status: answer.status, body: value)
    }

    /// Calls the Postgres API and waits for the end of the operation it begins; answers the operation.
    func operate(
        _ method: String, _ path: String, _ body: String? = nil, as identity: LocalLakebase.Identity = .developer
    ) async throws -> Reply {
        var reply = try await self.api(method, "postgres/" + path, body, as: identity)
        guard reply.status == 200 else {
            Issue.record("\(method) \(path): \(reply.body)")
            return reply
        }
        let name = try #require(reply.text("name"))
        let deadline = ContinuousClock.now + .seconds(120)
        // Each question waits a moment for the answer.
        while reply["done"] != .boolean(true), ContinuousClock.now < deadline {
            reply = try await self.api("GET", "postgres/" + name)
        }
        #expect(reply["done"] == .boolean(true), "\(name)")
        return reply
    }

    /// Makes a branch that does not end, and waits for it.
    func branch(_ id: String, from source: String? = nil, in project: String = "local") async throws -> String {
        let spec = source.map { #""source_branch":"\#($0)","# } ?? ""
        let done = try await self.operate(
            "POST", "projects/\(project)/branches?branch_id=\(id)", #"{"spec":{\#(spec)"no_expiry":true}}"#
        )
        #expect(done["error"] == nil, "\(done.body)")
        return "projects/\(project)/branches/\(id)"
    }

    /// Where a branch's endpoint listens.
    func address(of branch: String) async throws -> String {
        let endpoint = try await self.api("GET", "postgres/\(branch)/endpoints/primary")
        return try #require(endpoint.text("status.hosts.host"))
    }

    /// Runs SQL on a branch through its own endpoint.
    func psql(
        _ sql: String, on branch: String, as identity: LocalLakebase.Identity = .developer, user: String? = nil,
        password: Secret? = nil, database: String? = nil
    ) async throws -> Output {
        try await self.psql(
            sql, as: identity, user: user, password: password, database: database,
            settings: ["PGHOST": try await self.address(of: branch)]
        )
    }

    /// Runs SQL on a branch that has to work, and returns what it prints.
    func sql(_ sql: String, on branch: String) async throws -> String {
        let output = try await self.psql(sql, on: branch)
        #expect(output.status == 0, "\(output.text)")
        return output.text
    }

    /// The folders of branches that hold a cluster.
    func clusters() throws -> Set<String> {
        let path = self.ready.dataDirectory + "/branches"
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        return Set(names.filter { FileManager.default.fileExists(atPath: "\(path)/\($0)/data/PG_VERSION") })
    }
}
