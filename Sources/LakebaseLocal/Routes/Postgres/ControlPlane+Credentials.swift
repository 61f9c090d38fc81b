//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalWorkspace
import Secrets

/// Mints database credentials, which clients use as Postgres passwords.
extension ControlPlane {
    /// The lifetimes that a request may ask for, in seconds.
    private static let lifetimes = 300...3600

    /// Answers `POST /api/2.0/postgres/credentials`.
    func postgresCredential(_ request: APIRequest, for identity: LocalIdentity, issuer: String) async throws
        -> APIResponse
    {
        if let fault = await self.fault(self.faults.credentials) { return fault }
        let object = try Self.object(request.body)
        guard case .string(let endpoint)? = object["endpoint"], !endpoint.isEmpty else {
            throw APIFailure.invalid("Field 'endpoint' is required, expected non-default value (not \"\")!")
        }
        let wanted = try Self.decode(Postgres.GenerateDatabaseCredentialRequest.self, from: request.body)
        try await self.requireEndpoint(endpoint)
        let now = Date()
        let lifetime = try Self.lifetime(ttl: wanted.ttl, expireTime: wanted.expireTime, now: now)
        let minted = try await self.tokens.mintDatabaseCredential(
            for: identity.userName, endpoint: endpoint, issuer: issuer, lifetime: lifetime, now: now
        )
        self.counters.count { $0.credentialsMinted += 1 }
        return APIResponse.json(
            Postgres.DatabaseCredential(token: Secret(minted.token), expireTime: minted.expiresAt)
        ).with("Cache-Control", "no-store")
    }

    /// Answers `POST /api/2.0/database/credentials`.
    func databaseCredential(_ request: APIRequest, for identity: LocalIdentity, issuer: String) async throws
        -> APIResponse
    {
        if let fault = await self.fault(self.faults.credentials) { return fault }
        _ = try Self.object(request.body)
        let wanted = try Self.decode(Database.GenerateDatabaseCredentialRequest.self, from: request.body)
        let names = wanted.instanceNames ?? []
        if names.isEmpty, wanted.claims?.isEmpty ?? true {
            throw APIFailure.invalid("At least one of 'instance_names' and 'claims' is required.")
        }
        let inventory = await self.resources.view.inventory
        var endpoints: [String] = []
        for name in names {
            _ = try inventory.instance(name)
            let endpoint = inventory.root(of: name).flatMap { inventory.writer(of: $0.name) }
            if let endpoint { endpoints.append(endpoint.name) }
        }
        // A credential for several instances is bound to none of them.
        let minted = try await self.tokens.mintDatabaseCredential(
            for: identity.userName, endpoint: endpoints.count == 1 ? endpoints[0] : nil, issuer: issuer
        )
        self.counters.count { $0.credentialsMinted += 1 }
        return APIResponse.json(
            Database.DatabaseCredential(token: Secret(minted.token), expirationTime: minted.expiresAt)
        ).with("Cache-Control", "no-store")
    }

    /// Reads the lifetime that a request asks for; `nil` if it asks for none.
    static func lifetime(ttl: ProtobufDuration?, expireTime: Date?, now: Date) throws -> Int? {
        switch (ttl, expireTime) {
        case (nil, nil): return nil
        case (.some, .some): throw APIFailure.invalid("Only one of 'ttl' and 'expire_time' may be given.")
        case (let ttl?, nil):
            let seconds = ttl.duration.components.seconds
            guard ttl.duration >= .seconds(Self.lifetimes.lowerBound),
                ttl.duration <= .seconds(Self.lifetimes.upperBound)
            else { throw APIFailure.invalid("Field 'ttl' must be between 300s and 3600s, got '\(ttl)'.") }
            return Int(seconds)
        case (nil, let expireTime?):
            let seconds = expireTime.timeIntervalSince(now)
            // One second more at both ends, for the time that the request takes.
            guard seconds >= Double(Self.lifetimes.lowerBound) - 1, seconds <= Double(Self.lifetimes.upperBound) + 1
            else {
                throw APIFailure.invalid("Field 'expire_time' must be 5 minutes to 1 hour ahead.")
            }
            return Int(seconds)
        }
    }

    private func requireEndpoint(_ name: String) async throws {
        guard ResourceName.isBelowBranch(name, collection: "endpoints") else {
            throw APIFailure.invalid(
                "Field 'endpoint' must be of the form projects/{project}/branches/{branch}/endpoints/{endpoint}."
            )
        }
        _ = try await self.resources.view.inventory.endpoint(name)
    }

    /// Decodes the body as a JSON object.
    static func object(_ body: Data) throws -> [String: JSONValue] {
        do throws(JSONReader.Problem) {
            guard case .object(let members) = try JSONReader.value(of: body, limits: Self.bodyLimits) else {
                throw JSONReader.Problem.malformed(byte: 0)
            }
            return members
        } catch {
            throw Self.unreadable(error)
        }
    }

    /// The limits of the JSON in a body.
    static let bodyLimits = JSONReader.Limits(depth: 64, values: 10_000)

    private static func unreadable(_ problem: JSONReader.Problem) -> APIFailure {
        switch problem {
        case .malformed: APIFailure(400, "MALFORMED_REQUEST", "The request's body is not a JSON object.")
        case .tooDeep, .tooMany:
            APIFailure(400, "MALFORMED_REQUEST", "The request's body cannot be read: \(problem).")
        }
    }

    /// Decodes the body as one of the API's messages.
    static func decode<Message: Decodable>(
        _ type: Message.Type, from body: Data, limits: JSONReader.Limits = Self.bodyLimits
    ) throws -> Message {
        do throws(JSONReader.Problem) {
            try JSONReader.check(body, limits: limits)
        } catch {
            throw Self.unreadable(error)
        }
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch let error as DecodingError {
            let path: [any CodingKey] =
                switch error {
                case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                    .dataCorrupted(let context):
                    context.codingPath
                @unknown default: []
                }
            let field = path.map(\.stringValue).joined(separator: ".")
            throw APIFailure.invalid("Field '\(field)' has a value that cannot be read.")
        }
    }
}
