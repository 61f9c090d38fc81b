//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace

/// Apps and their deployments.
extension WorkspaceServices {
    /// Answers a request for `/api/2.0/apps` or a path below it.
    func app(_ path: [String], _ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        try await self.apps.sweep()
        switch (request.method, path.count, path.dropFirst().first) {
        case ("GET", 0, _):
            var all = await self.apps.list()
            if !identity.isAdministrator {
                let given = await self.apps.names { $0.allows(identity, .canUse) }
                all.removeAll { !given.contains(ExactText($0.name)) }
            }
            let page = try Self.page(all, request)
            return .json(Apps.ListAppsResponse(apps: page.items, nextPageToken: page.next))
        case ("POST", 0, _):
            let wanted = try ControlPlane.decode(Apps.App.self, from: request.body)
            let isStarted = request.query["no_compute"] != "true"
            return .json(try await self.apps.create(wanted, isStarted: isStarted, by: identity))
        case ("GET", 1, _): return .json(try await self.apps.get(path[0]))
        case ("PATCH", 1, _):
            let wanted = try Self.settings(ControlPlane.object(request.body), of: path[0])
            return .json(try await self.apps.update(path[0], to: wanted, mask: nil, by: identity))
        case ("DELETE", 1, _): return .json(try await self.apps.delete(path[0]))
        case ("POST", 2, "start"): return .json(try await self.apps.start(path[0]))
        case ("POST", 2, "stop"): return .json(try await self.apps.stop(path[0]))
        case ("POST", 2, "update"):
            let wanted = try ControlPlane.object(request.body)
            guard let mask = wanted["update_mask"]?.stringValue, !mask.isEmpty else {
                throw APIFailure.invalid("Field 'update_mask' is required.")
            }
            let fields =
                mask.isExactly("*")
                ? AppRecord.settings
                : mask.splitExactly(at: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            var members: [String: JSONValue] = [:]
            if case .object(let given)? = wanted["app"] { members = given }
            let app = try Self.settings(members, of: path[0])
            _ = try await self.apps.update(path[0], to: app, mask: fields, by: identity)
            return .json(try await self.apps.latestUpdate(path[0]))
        case ("GET", 2, "update"): return .json(try await self.apps.latestUpdate(path[0]))
        case ("GET", 2, "deployments"):
            let page = try Self.page(await self.apps.deployments(of: path[0]), request)
            return .json(Apps.ListDeploymentsResponse(deployments: page.items, nextPageToken: page.next))
        case ("POST", 2, "deployments"):
            let wanted = try ControlPlane.decode(Apps.Deployment.self, from: request.body)
            // A deployment reads the files, and the app could show them to its visitors.
            if let source = wanted.sourceCodePath { try self.requireFiles(WorkspacePath(source), for: identity) }
            return .json(try await self.apps.deploy(wanted, to: path[0], by: identity))
        case ("GET", 3, "deployments"): return .json(try await self.apps.deployment(path[2], of: path[0]))
        case (_, 2, "thumbnail"): throw APIFailure.notEmulated("\(request.method) \(request.path)")
        default: throw APIFailure.unknownAPI(request)
        }
    }

    /// Answers a request for a path below `/local/apps`: the log of an app.
    func logs(_ path: [String], _ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        guard path.count == 2, path[1] == "logs", request.method == "GET" else { throw APIFailure.unknownAPI(request) }
        guard identity.isAdministrator else {
            throw APIFailure(
                403, "PERMISSION_DENIED", "Only administrators read the logs of apps; sign in as the developer.")
        }
        let count = min(max(0, request.query["tail"].flatMap { Int($0) } ?? 1_000), 10_000)
        let seconds = min(max(0, request.query["wait"].flatMap { Int($0) } ?? 0), 20)
        let page = try await self.apps.logs(
            of: path[0], count: count,
            after: request.query["after"].flatMap { Int($0) }.map { min(max(0, $0), 1 << 53) }, wait: .seconds(seconds))
        return APIResponse(
            status: 200, headers: [("Content-Type", "application/json")], body: try LocalAppLog.encoder.encode(page))
    }

    /// Returns a page of a list; its token is the index of the first item.
    private static func page<Item>(_ all: [Item], _ request: APIRequest) throws -> (items: [Item], next: String?) {
        let token = request.query["page_token"] ?? ""
        guard let start = token.isEmpty ? 0 : Int(token), start >= 0 else {
            throw APIFailure.invalid("Field 'page_token' is not a token of this list.")
        }
        let size = min(max(1, request.query["page_size"].flatMap { Int($0) } ?? 100), 100)
        let items = Array(all.dropFirst(start).prefix(size))
        return (items, start + items.count < all.count && !items.isEmpty ? String(start + items.count) : nil)
    }

    /// Decodes the settings of an app from a body that may leave out its name.
    private static func settings(_ members: [String: JSONValue], of name: String) throws -> Apps.App {
        var members = members
        members["name"] = .string(name)
        return try ControlPlane.decode(Apps.App.self, from: JSONEncoder().encode(JSONValue.object(members)))
    }
}
