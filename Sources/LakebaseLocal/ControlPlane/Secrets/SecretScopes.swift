//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import Secrets
import Synchronization

/// The scopes of secrets of the workspace, in a file that only its owner reads.
final class SecretScopes: Sendable {
    /// A secret as it is kept.
    struct Entry: Sendable {
        var value: Secret
        /// In milliseconds.
        var updated: Int64
    }

    /// The longest secret in bytes, and the most of a scope (Databricks: Secret management).
    static let valueLimit = 128 * 1024, keyLimit = 1_000, scopeLimit = 1_000

    private let file: String?
    private let scopes: Mutex<[ExactText: [ExactText: Entry]]>

    /// Reads the file, if it is there.
    init(file: String) throws {
        self.file = file
        var scopes: [ExactText: [ExactText: Entry]] = [:]
        if let data = try OwnFile.read(file) {
            for (name, kept) in try JSONDecoder().decode([String: [String: Kept]].self, from: data) {
                scopes[ExactText(name)] = Dictionary(
                    kept.map {
                        (
                            ExactText($0.key),
                            Entry(
                                value: Secret(String(decoding: $0.value.value, as: UTF8.self)),
                                updated: $0.value.updated)
                        )
                    }
                ) { $1 }
            }
        }
        self.scopes = Mutex(scopes)
    }

    /// No scopes, and nothing is kept.
    init() {
        self.file = nil
        self.scopes = Mutex([:])
    }

    private struct Kept: Codable {
        var value: Data
        var updated: Int64
    }

    /// A secret; `nil` if it is not there.
    func value(of key: String, in scope: String) -> Secret? {
        self.scopes.withLock { $0[ExactText(scope)]?[ExactText(key)]?.value }
    }

    /// The names of the scopes.
    var names: [String] { self.scopes.withLock { $0.keys.sorted().map(\.text) } }

    func create(_ scope: String) throws {
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
            scopes[ExactText(scope)] = [:]
        }
    }

    func delete(_ scope: String) throws {
        try self.change { scopes in
            guard scopes.removeValue(forKey: ExactText(scope)) != nil else { throw Self.noScope(scope) }
        }
    }

    /// The keys of a scope, and when they were changed.
    func list(_ scope: String) throws -> [(key: String, updated: Int64)] {
        guard let entries = self.scopes.withLock({ $0[ExactText(scope)] }) else { throw Self.noScope(scope) }
        return entries.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value.updated) }
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
            guard var entries = scopes[ExactText(scope)] else { throw Self.noScope(scope) }
            guard entries[ExactText(key)] != nil || entries.count < Self.keyLimit else {
                throw APIFailure(
                    429, "RESOURCE_LIMIT_EXCEEDED", "Scope \(scope) has \(Self.keyLimit) secrets, which is the limit.")
            }
            entries[ExactText(key)] = Entry(value: value, updated: Int64(now.timeIntervalSince1970 * 1_000))
            scopes[ExactText(scope)] = entries
        }
    }

    func delete(_ key: String, in scope: String) throws {
        try self.change { scopes in
            guard var entries = scopes[ExactText(scope)] else { throw Self.noScope(scope) }
            guard entries.removeValue(forKey: ExactText(key)) != nil else { throw Self.noSecret(key, scope) }
            scopes[ExactText(scope)] = entries
        }
    }

    /// A secret.
    ///
    /// - Throws: The refusal of the service if it is not there.
    func get(_ key: String, in scope: String) throws -> Secret {
        guard let entries = self.scopes.withLock({ $0[ExactText(scope)] }) else { throw Self.noScope(scope) }
        guard let entry = entries[ExactText(key)] else { throw Self.noSecret(key, scope) }
        return entry.value
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

    /// Changes the scopes, and returns when the change is kept; one that cannot be kept is not made.
    private func change(_ body: (inout [ExactText: [ExactText: Entry]]) throws -> Void) throws {
        try self.scopes.withLock { scopes in
            var changed = scopes
            try body(&changed)
            if let file = self.file {
                let kept = Dictionary(
                    uniqueKeysWithValues: changed.map { name, entries in
                        (
                            name.text,
                            Dictionary(
                                uniqueKeysWithValues: entries.map { key, entry in
                                    (
                                        key.text,
                                        Kept(
                                            value: entry.value.withUnsafeValue { Data($0.utf8) }, updated: entry.updated
                                        )
                                    )
                                })
                        )
                    })
                try PrivateFile.write(try JSONEncoder().encode(kept), to: file)
            }
            scopes = changed
        }
    }
}
