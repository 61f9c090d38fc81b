//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// What a principal may do with a scope of secrets; each of them includes those before it.
///
/// Source: Databricks, "Secret access control".
enum ScopePermission: String, Codable, Sendable, Comparable, CaseIterable {
    /// Read secrets, and list them.
    case read = "READ"
    /// And put and delete them.
    case write = "WRITE"
    /// And give others permissions, and delete the scope.
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

/// Who may do what with a scope of secrets, as a value.
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

    /// The permissions that are kept.
    init(kept: [String: ScopePermission]) {
        for (principal, permission) in kept { self.permissions[ExactText(principal)] = permission }
    }

    /// The same as it is kept.
    var kept: [String: ScopePermission] {
        Dictionary(self.permissions.map { ($0.key.text, $0.value) }) { max($0, $1) }
    }

    /// The list, by name.
    var items: [Item] {
        self.permissions.sorted { $0.key < $1.key }.map { Item(principal: $0.key.text, permission: $0.value) }
    }

    /// Gives a principal this permission and no other.
    mutating func put(_ permission: ScopePermission, for principal: String) {
        self.permissions[ExactText(principal)] = permission
    }

    /// Takes away what a principal has.
    ///
    /// - Returns: Whether it had anything.
    mutating func remove(_ principal: String) -> Bool {
        self.permissions.removeValue(forKey: ExactText(principal)) != nil
    }

    /// The same with what a principal has besides.
    func with(_ permission: ScopePermission, for principal: String) -> ScopeAccess {
        var access = self
        let key = ExactText(principal)
        access.permissions[key] = max(permission, self.permissions[key] ?? permission)
        return access
    }

    func permission(of principal: String) -> ScopePermission? { self.permissions[ExactText(principal)] }

    /// The most that an identity may, by its name or as one of all users.
    func permission(of identity: LocalIdentity) -> ScopePermission? {
        [identity.userName, "users"].compactMap { self.permission(of: $0) }.max()
    }
}
