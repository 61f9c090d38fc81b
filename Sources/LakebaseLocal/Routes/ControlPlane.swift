//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalWorkspace
import Logging

/// The workspace's HTTP services, apart from any server: a request in, an answer out.
struct ControlPlane: Sendable {
    let resources: ResourceService
    let accountID: String
    let identities: IdentityDirectory
    let tokens: TokenService
    let faults: FaultSwitches
    let counters: LocalCounters
    let services: WorkspaceServices
    let logins: OAuthLoginStore
    let federation: Federation

    /// Answers a request.
    ///
    /// Every request has an answer.
    ///
    /// - Parameter isSecure: Whether it came over TLS: what it is told of other addresses then begins with `https://`.
    func respond(to request: APIRequest, ownAddress: String, isSecure: Bool = false) async -> APIResponse {
        let base = Self.baseURL(host: request.host, ownAddress: ownAddress, isSecure: isSecure)
        do {
            let response = try await self.answer(request, base: base)
            return response.with("X-Databricks-Org-Id", self.tokens.workspaceID)
        } catch let failure as APIFailure {
            return failure.traced(api: request.path).response
        } catch {
            return APIFailure(500, "INTERNAL_ERROR", "The local workspace failed: \(error)").response
        }
    }

    private func answer(_ request: APIRequest, base: String) async throws -> APIResponse {
        let route = Route.find(method: request.method, path: request.path)
        switch route {
        case .hostMetadata:
            return .json(
                OAuth.HostMetadata(
                    oidcEndpoint: base + "/oidc", accountID: self.accountID, workspaceID: self.tokens.workspaceID,
                    cloud: "AWS", hostType: "WORKSPACE_HOST", defaultOIDCAudiences: [self.accountID]
                )
            )
        case .authorizationServer: return self.authorizationServer(base: base)
        case .keySet:
            return APIResponse(
                status: 200, headers: [("Content-Type", "application/json")], body: self.tokens.keySet
            )
        case .token: return try await self.token(request, issuer: base + "/oidc")
        case .authorize: return self.authorize(request)
        case .notServed:
            _ = try await self.authenticate(request)
            throw APIFailure.notEmulated("\(request.method) \(request.path)")
        case .unknown:
            throw APIFailure(404, "ENDPOINT_NOT_FOUND", request.noSuchAPI)
        case .wrongMethod(let allowed):
            throw APIFailure(
                405, "METHOD_NOT_ALLOWED", "'\(request.path)' takes \(allowed), not \(request.method).",
                headers: ["Allow": allowed]
            )
        case .me, .postgresCredentials, .databaseCredentials, .postgres, .databaseInstances, .databaseInstanceByUID,
            .databaseInstance, .databaseInstanceRoles, .databaseInstanceRole, .databaseExtras, .projectPermissions,
            .localStatus:
            let identity = try await self.authenticate(request)
            try await self.permit(request, to: identity)
            return try await self.answer(route, request, as: identity, base: base)
        }
    }

    private func answer(
        _ route: Route, _ request: APIRequest, as identity: LocalIdentity, base: String
    ) async throws -> APIResponse {
        switch route {
        case .me: return self.me(identity)
        case .postgresCredentials:
            return try await self.postgresCredential(request, for: identity, issuer: base + "/oidc")
        case .databaseCredentials:
            return try await self.databaseCredential(request, for: identity, issuer: base + "/oidc")
        case .postgres(let name): return try await self.postgres(name, request, as: identity)
        case .databaseInstances: return try await self.databaseInstances(request, as: identity)
        case .databaseInstanceByUID:
            return try await self.databaseInstance(uid: request.query["uid"] ?? "")
        case .databaseInstance(let name): return try await self.databaseInstance(name, request, as: identity)
        case .databaseInstanceRoles(let name): return try await self.databaseRoles(name, request, as: identity)
        case .databaseInstanceRole(let instance, let role):
            return try await self.databaseRole(role, of: instance, request, as: identity)
        case .databaseExtras(let path): return try await self.databaseExtras(path, request)
        case .projectPermissions(let path): return try await self.permissions(path, request)
        case .localStatus:
            return APIResponse(
                status: 200, headers: [("Content-Type", "application/json")],
                body: try LocalStatus.encoder.encode(await self.resources.status())
            )
        case .hostMetadata, .authorizationServer, .keySet, .token, .authorize, .notServed, .unknown, .wrongMethod:
            throw APIFailure(404, "ENDPOINT_NOT_FOUND", request.noSuchAPI)
        }
    }

    /// The URL the client knows this by.
    ///
    /// What a client sent as `Host` goes into the answer only if it can be one; it reaches nobody but that client.
    static func baseURL(host: String?, ownAddress: String, isSecure: Bool = false) -> String {
        let scheme = isSecure ? "https://" : "http://"
        guard let host, (1...255).contains(host.utf8.count),
            host.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
                    UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { return scheme + ownAddress }
        return scheme + host
    }
}
