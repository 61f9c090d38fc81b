//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Digests
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The service principals of the workspace as a value, changed by requests, without a clock, a store or randomness.
struct PrincipalDirectory: Codable, Equatable, Sendable {
    /// A principal with its secrets.
    struct Entry: Codable, Equatable, Sendable {
        var principal: IAM.ServicePrincipal
        /// Client secrets, of which only digests are stored.
        var secrets: [IAM.ServicePrincipalSecret] = []
    }

    private(set) var entries: [String: Entry] = [:]
    private var lastID: Int64 = 70_000_000_001_000

    /// The longest lifetime of a client secret: 730 days.
    static let longestLife: Duration = .seconds(730 * 86_400)

    func entry(_ id: String) throws -> Entry {
        guard let entry = self.entries[id] else { throw APIFailure.notFound("Service principal \(id) not found.") }
        return entry
    }

    /// The principal with that application id.
    func entry(applicationID: String) -> Entry? {
        self.entries.values.first { $0.principal.applicationID?.isExactly(applicationID) == true }
    }

    /// Whether a text is a valid application id: a UUID, as the service's are.
    ///
    /// So that none is the name of a user, an e-mail address, whose tokens and role it would have, or of a role of
    /// PostgreSQL.
    static func isApplicationID(_ text: String) -> Bool {
        let groups = text.splitExactly(at: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { group in
                group.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0) }
            }
    }

    /// Removes the principals that have the same name as another one.
    mutating func removeNamesakes(of users: [String]) {
        self.entries = self.entries.filter { _, entry in
            !users.contains { entry.principal.applicationID?.isExactly($0) == true }
        }
    }

    /// The principals that match a SCIM filter, in the order of their numbers.
    func list(filter: String?) throws -> [IAM.ServicePrincipal] {
        let all = self.entries.values.map(\.principal).sorted { (Int64($0.id ?? "") ?? 0) < (Int64($1.id ?? "") ?? 0) }
        guard let filter, !filter.isEmpty else { return all }
        let parts = filter.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[1].lowercased() == "eq", parts[2].count >= 2, parts[2].hasPrefix("\""),
            parts[2].hasSuffix("\"")
        else { throw APIFailure.invalid("The filter '\(filter)' cannot be read; use: displayName eq \"NAME\"") }
        let wanted = String(parts[2].dropFirst().dropLast())
        switch parts[0].lowercased() {
        case "displayname": return all.filter { $0.displayName?.isExactly(wanted) == true }
        case "applicationid": return all.filter { $0.applicationID?.isExactly(wanted) == true }
        case "id": return all.filter { $0.id == wanted }
        default: throw APIFailure.invalid("The local workspace does not filter by '\(parts[0])'.")
        }
    }

    /// Adds a principal.
    ///
    /// - Parameter applicationID: The id to use if the principal brings none.
    mutating func create(_ wanted: IAM.ServicePrincipal, applicationID: String, id: String? = nil) throws
        -> IAM.ServicePrincipal
    {
        var principal = wanted
        principal.applicationID = wanted.applicationID ?? applicationID
        if let taken = principal.applicationID, self.entry(applicationID: taken) != nil {
            throw APIFailure(
                409, "RESOURCE_ALREADY_EXISTS", "Service principal with application id \(taken) already exists.")
        }
        if id == nil { self.lastID += 1 }
        let key = id ?? String(self.lastID)
        principal.id = key
        principal.schemas = [IAM.ServicePrincipal.schema]
        principal.active = wanted.active ?? true
        principal.displayName = wanted.displayName ?? principal.applicationID
        self.entries[key] = Entry(principal: principal)
        return principal
    }

    /// Replaces the attributes of a principal that may change.
    mutating func replace(_ id: String, with wanted: IAM.ServicePrincipal) throws -> IAM.ServicePrincipal {
        var entry = try self.entry(id)
        if let other = wanted.applicationID, entry.principal.applicationID?.isExactly(other) != true {
            throw APIFailure.invalid("The application id of a service principal cannot change.")
        }
        var principal = wanted
        principal.id = id
        principal.applicationID = entry.principal.applicationID
        principal.schemas = [IAM.ServicePrincipal.schema]
        principal.active = wanted.active ?? true
        principal.displayName = wanted.displayName ?? entry.principal.displayName
        entry.principal = principal
        self.entries[id] = entry
        return principal
    }

    mutating func delete(_ id: String) throws {
        _ = try self.entry(id)
        self.entries[id] = nil
    }

    /// Stores the digest of a new client secret.
    mutating func addSecret(
        _ secret: Secret, id: String, to principal: String, lifetime: Duration?, scopes: [String]?, now: Date
    ) throws -> IAM.ServicePrincipalSecret {
        var entry = try self.entry(principal)
        let life = lifetime ?? Self.longestLife
        guard life > .zero, life <= Self.longestLife else {
            throw APIFailure.invalid("Field 'lifetime' must be between 1s and 63072000s.")
        }
        var kept = IAM.ServicePrincipalSecret(
            id: id, status: "ACTIVE", secretHash: Self.digest(secret).hex, createTime: now, updateTime: now,
            expireTime: now.addingTimeInterval(Double(life.components.seconds)), scopes: scopes)
        entry.secrets.append(kept)
        self.entries[principal] = entry
        kept.secret = secret
        return kept
    }

    mutating func deleteSecret(_ id: String, of principal: String) throws {
        var entry = try self.entry(principal)
        guard let index = entry.secrets.firstIndex(where: { $0.id == id }) else {
            throw APIFailure.notFound("Secret \(id) of service principal \(principal) not found.")
        }
        entry.secrets.remove(at: index)
        self.entries[principal] = entry
    }

    /// The active principal that signs in with a secret.
    func principal(clientID: String, secret: Secret, now: Date) -> IAM.ServicePrincipal? {
        let digest = Self.digest(secret)
        guard let entry = self.entry(applicationID: clientID), entry.principal.active == true,
            entry.secrets.contains(where: {
                digest.matches(hex: $0.secretHash ?? "") && ($0.expireTime ?? .distantPast) > now
            })
        else { return nil }
        return entry.principal
    }

    /// The digest of a client secret; it has 128 random bits, so that a plain digest reveals nothing.
    private static func digest(_ secret: Secret) -> SHA256Hash { secret.withUnsafeValue { SHA256Hash(ofText: $0) } }
}
