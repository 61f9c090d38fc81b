//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// The kind of Databricks identity of a PostgreSQL role.
public enum RoleIdentity: String, Sendable, Hashable, CaseIterable, Codable {
    /// A user; the role's name is the e-mail address.
    case user
    /// A service principal; the role's name is the application id.
    case servicePrincipal = "service-principal"
    /// A group of the workspace; the role's name is the group's name, and each member may log in as it.
    case group

    /// The name of the kind in `databricks_create_role` and the APIs.
    public var wireName: String {
        switch self {
        case .user: "USER"
        case .servicePrincipal: "SERVICE_PRINCIPAL"
        case .group: "GROUP"
        }
    }

    /// The kind that the APIs and `databricks_list_roles` call so, in upper or lower case; nil for any other text.
    init?(wireName: String) {
        guard let identity = Self.allCases.first(where: { $0.wireName == wireName.uppercased() }) else { return nil }
        self = identity
    }

    /// In words.
    var words: String {
        switch self {
        case .user: "user"
        case .servicePrincipal: "service principal"
        case .group: "group"
        }
    }
}

/// A role to create for an identity.
public struct WantedRole: Sendable, Hashable {
    /// The name in PostgreSQL, which is that of the identity.
    public let name: String
    /// The kind of identity.
    public let identity: RoleIdentity

    /// A wanted role.
    ///
    /// - Parameters:
    ///   - name: The e-mail address of a user, the application id of a service principal (a UUID, not the number that SCIM gives it), or the
    ///     name of a group. At most 63 bytes.
    ///   - identity: The kind of identity.
    /// - Throws: ``RoleError`` `invalid` for a name that cannot be one of that kind.
    public init(name: String, identity: RoleIdentity) throws(RoleError) {
        if let problem = Self.problem(name, identity) { throw RoleError(.invalid, problem) }
        self.name = name
        self.identity = identity
    }

    private static func problem(_ name: String, _ identity: RoleIdentity) -> String? {
        if name.isEmpty { return "a role needs a name" }
        if name.utf8.contains(0) { return "a role's name cannot have a zero byte" }
        // PostgreSQL cuts longer names short without an error.
        if name.utf8.count > 63 {
            return "the name '\(name)' has \(name.utf8.count) bytes, and PostgreSQL keeps 63: it cannot be a role's"
        }
        if ["pg_", "databricks_"].contains(where: { name.startsExactly(with: $0) })
            || ["public", "none"].contains(name)
        {
            return "the name '\(name)' belongs to PostgreSQL or the platform"
        }
        switch identity {
        case .user:
            let parts = name.splitExactly(at: "@", omittingEmptySubsequences: false)
            return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
                ? nil : "the role of a user has the user's e-mail address as name, and '\(name)' is none"
        case .servicePrincipal:
            if Self.isApplicationID(name) { return nil }
            if Self.isApplicationID(name.lowercased()) {
                return "application ids are lower case, and so is the role's name: use '\(name.lowercased())'"
            }
            return "the role of a service principal has its application id as name, a UUID such as "
                + "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10, and '\(name)' is none"
        case .group: return nil
        }
    }

    /// Whether a text is a UUID in lower case.
    static func isApplicationID(_ text: String) -> Bool {
        let parts = text.splitExactly(at: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
