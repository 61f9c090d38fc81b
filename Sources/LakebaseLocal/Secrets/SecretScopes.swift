//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import LocalWorkspace
import Secrets
import Synchronization

/// The secret scopes of the workspace, in a file that only its owner can read.
final class SecretScopes: Sendable {
    /// A secret in its stored form.
    struct Entry: Sendable {
        var value: Secret
        /// The time of the last change, in milliseconds.
        var updated: Int64
    }

    /// The longest secret in bytes, and the maximum number of secrets in a scope and of scopes (Databricks: Secret
    /// management).
    static let valueLimit = 128 * 1024, keyLimit = 1_000, scopeLimit = 1_000

    /// A scope: its secrets, and the permissions on it.
    private struct Scope: Sendable {
        var entries: [ExactText: Entry] = [:]
        var access = ScopeAccess()
    }

    private let file: String?
    private let scopes: Mutex<[ExactText: Scope]>

    /// Reads the file, if it is there.
    init(file: String) throws {
        self.file = file
        var scopes: [ExactText: Scope] = [:]
        if let data = try OwnFile.read(file) {
            for (name, kept) in try Self.layout(data).scopes {
                let entries = kept.secrets.map { key, kept in
                    (
                        ExactText(key),
                        Entry(value: Secret(String(decoding: kept.value, as: UTF8.self)), updated: kept.updated)
                    )
                }
                scopes[ExactText(name)] = Scope(
                    entries: Dictionary(entries) { $1 }, access: ScopeAccess(kept: kept.access))
            }
        }
        self.scopes = Mutex(scopes)
    }

    /// Creates an empty set of scopes that is not stored.
    init() {
        self.file = nil
        self.scopes = Mutex([:])
    }

    private struct Kept: Codable {
        var value: Data
        var updated: Int64
    }

    private struct KeptScope: Codable {
        var secrets: [String: Kept]
        var access: [String: ScopePermission]
    }

    /// The layout of the file; before there were permissions, it contained only scopes and their secrets.
    private struct Layout: Codable {
        var version = 2
        var scopes: [String: KeptScope]
    }

    private static func layout(_ data: Data) throws -> Layout {
        do {
            return try JSONDecoder().decode(Layout.self, from: data)
        } catch {
            let first = try JSONDecoder().decode([String: [String: Kept]].self, from: data)
            return Layout(scopes: first.mapValues { KeptScope(secrets: $0, access: [:]) })
        }
    }

    /// A secret; `nil` if it does not exist.
    func value(of key: String, in scope: String) -> Secret? {
        self.scopes.withLock { $0[ExactText(scope)]?.entries[ExactText(key)]?.value }
    }

    /// The names of the scopes.
    var names: [String] { self.scopes.withLock { $0.keys.sorted().map(\.text) } }

    /// Creates a scope.
    ///
    /// - Parameter managers: The principals that may manage it, besides administrators.
    func create(_ scope: String, managers: [String] = []) throws {
        guard Self.isName(scope) else {
            throw APIFailure.invalid(
                "Scope name may hold up to 128 letters, digits, dashes, underscores, @ and periods only.")
        }
        try self.change { scopes in
            guard scopes[ExactText(scope)] == nil else {
                throw APIFailure(400, "RESOURCE_ALREADY_EXISTS", "Scope \(scope) already exists!")
            }
            guard scopes.count < Self.scopeLimit else {
                throw APIFailure(
                    429, "RESOURCE_LIMIT_EXCEEDED", "There are \(Self.scopeLimit) scopes, which is the limit.")
            }
            var made = Scope()
            for manager in managers { made.access.put(.manage, for: manager) }
            scopes[ExactText(scope)] = made
        }
    }

    func delete(_ scope: String) throws {
        try self.change { scopes in
            guard scopes.removeValue(forKey: ExactText(scope)) != nil else { throw Self.noScope(scope) }
        }
    }

    /// The keys of a scope, with the times of their last change.
    func list(_ scope: String) throws -> [(key: String, updated: Int64)] {
        try self.scope(scope).entries.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value.updated) }
    }

    func put(_ value: Secret, _ key: String, in scope: String, now: Date) throws {
        guard Self.isName(key) else {
            throw APIFailure.invalid(
                "Secret key may hold up to 128 letters, digits, dashes, underscores, @ and periods only.")
        }
        guard value.withUnsafeValue({ $0.utf8.count }) <= Self.valueLimit else {
            throw APIFailure(
                400, "MAX_SECRET_SIZE_EXCEEDED", "The maximum allowed secret size is \(Self.valueLimit) bytes.")
        }
        try self.change { scopes in
            guard var changed = scopes[ExactText(scope)] else { throw Self.noScope(scope) }
            guard changed.entries[ExactText(key)] != nil || changed.entries.count < Self.keyLimit else {
                throw APIFailure(
                    429, "RESOURCE_LIMIT_EXCEEDED", "Scope \(scope) has \(Self.keyLimit) secrets, which is the limit.")
            }
            changed.entries[ExactText(key)] = Entry(value: value, updated: Int64(now.timeIntervalSince1970 * 1_000))
            scopes[ExactText(scope)] = changed
        }
    }

    func delete(_ key: String, in scope: String) throws {
        try self.change { scopes in
            guard var changed = scopes[ExactText(scope)] else { throw Self.noScope(scope) }
            guard changed.entries.removeValue(forKey: ExactText(key)) != nil else { throw Self.noSecret(key, scope) }
            scopes[ExactText(scope)] = changed
        }
    }

    /// A secret.
    ///
    /// - Throws: The refusal of the service if it is not there.
    func get(_ key: String, in scope: String) throws -> Secret {
        guard let entry = try self.scope(scope).entries[ExactText(key)] else { throw Self.noSecret(key, scope) }
        return entry.value
    }

    private func scope(_ name: String) throws -> Scope {
        guard let scope = self.scopes.withLock({ $0[ExactText(name)] }) else { throw Self.noScope(name) }
        return scope
    }

    // MARK: Permissions

    /// The permissions on a scope.
    func access(to scope: String) throws -> ScopeAccess { try self.scope(scope).access }

    func put(_ permission: ScopePermission, for principal: String, on scope: String) throws {
        try self.change { scopes in
            guard scopes[ExactText(scope)] != nil else { throw Self.noScope(scope) }
            scopes[ExactText(scope)]?.access.put(permission, for: principal)
        }
    }

    func remove(_ principal: String, from scope: String) throws {
        try self.change { scopes in
            guard var changed = scopes[ExactText(scope)] else { throw Self.noScope(scope) }
            guard changed.access.remove(principal) else { throw Self.noPermission(principal, scope) }
            scopes[ExactText(scope)] = changed
        }
    }

    static func noPermission(_ principal: String, _ scope: String) -> APIFailure {
        APIFailure(
            404, "RESOURCE_DOES_NOT_EXIST",
            "Failed to get secret acl for principal: \(principal.escapedForLog(limit: 128)) for scope: \(scope.escapedForLog(limit: 128))."
        )
    }

    private static func noScope(_ scope: String) -> APIFailure {
        APIFailure(404, "RESOURCE_DOES_NOT_EXIST", "Scope \(scope.escapedForLog(limit: 128)) does not exist!")
    }

    private static func noSecret(_ key: String, _ scope: String) -> APIFailure {
        APIFailure(
            404, "RESOURCE_DOES_NOT_EXIST",
            "Secret does not exist with scope: \(scope.escapedForLog(limit: 128)) and key: \(key.escapedForLog(limit: 128))"
        )
    }

    private static func isName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
                    || "-_@.".utf8.contains(byte)
            }
    }

    /// Changes the scopes, and returns once the change is stored; a change that cannot be stored is not made.
    private func change(_ body: (inout [ExactText: Scope]) throws -> Void) throws {
        try self.scopes.withLock { scopes in
            var changed = scopes
            try body(&changed)
            if let file = self.file {
                let kept = changed.map { name, scope in
                    let secrets = scope.entries.map { key, entry in
                        (key.text, Kept(value: entry.value.withUnsafeValue { Data($0.utf8) }, updated: entry.updated))
                    }
                    return (
                        name.text,
                        KeptScope(secrets: Dictionary(uniqueKeysWithValues: secrets), access: scope.access.kept)
                    )
                }
                let layout = Layout(scopes: Dictionary(uniqueKeysWithValues: kept))
                try PrivateFile.write(try JSONEncoder().encode(layout), to: file)
            }
            scopes = changed
        }
    }
}
