//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// The permission of a principal on a secret scope; each includes those before it.
///
/// Source: Databricks, "Secret access control".
enum ScopePermission: String, Codable, Sendable, Comparable, CaseIterable {
    /// Read secrets, and list them.
    case read = "READ"
    /// Also put and delete them.
    case write = "WRITE"
    /// Also grant permissions, and delete the scope.
    case manage = "MANAGE"

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .manage: 2
        }
    }

    static func < (one: ScopePermission, other: ScopePermission) -> Bool { one.rank < other.rank }
}

/// The permissions on a secret scope, as a value.
///
/// A principal is known by its name alone: a person's, a group's, or the application id of a service principal.
struct ScopeAccess: Sendable, Equatable {
    /// An entry of the list.
    struct Item: Sendable, Equatable {
        var principal: String
        var permission: ScopePermission
    }

    private var permissions: [ExactText: ScopePermission] = [:]

    init() {}

    /// Creates the list from its stored form.
    init(kept: [String: ScopePermission]) {
        for (principal, permission) in kept { self.permissions[ExactText(principal)] = permission }
    }

    /// The stored form.
    var kept: [String: ScopePermission] {
        Dictionary(self.permissions.map { ($0.key.text, $0.value) }) { max($0, $1) }
    }

    /// The entries, by name.
    var items: [Item] {
        self.permissions.sorted { $0.key < $1.key }.map { Item(principal: $0.key.text, permission: $0.value) }
    }

    /// Sets the permission of a principal.
    mutating func put(_ permission: ScopePermission, for principal: String) {
        self.permissions[ExactText(principal)] = permission
    }

    /// Removes the permission of a principal.
    ///
    /// - Returns: Whether it had anything.
    mutating func remove(_ principal: String) -> Bool {
        self.permissions.removeValue(forKey: ExactText(principal)) != nil
    }

    /// The list with an additional permission of a principal.
    func with(_ permission: ScopePermission, for principal: String) -> ScopeAccess {
        var access = self
        let key = ExactText(principal)
        access.permissions[key] = max(permission, self.permissions[key] ?? permission)
        return access
    }

    func permission(of principal: String) -> ScopePermission? { self.permissions[ExactText(principal)] }

    /// The highest permission of an identity, by its name or through the group of all users.
    func permission(of identity: LocalIdentity) -> ScopePermission? {
        [identity.userName, "users"].compactMap { self.permission(of: $0) }.max()
    }
}
