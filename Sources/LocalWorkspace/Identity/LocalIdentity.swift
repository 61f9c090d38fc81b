//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// A principal that can sign in to the local workspace, and by whose name there is a Postgres role.
public struct LocalIdentity: Sendable, Hashable {
    /// What an identity is, in the words of `databricks_create_role`.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String { case user = "USER", servicePrincipal = "SERVICE_PRINCIPAL" }
        private let value: Value

        /// A person.
        public static let user = Kind(value: .user)
        /// An application.
        public static let servicePrincipal = Kind(value: .servicePrincipal)

        /// `USER` or `SERVICE_PRINCIPAL`.
        public var description: String { self.value.rawValue }
    }

    /// A person or an application.
    public let kind: Kind
    /// The user name at `/Me`, the subject of every token, and the name of the Postgres role.
    ///
    /// An e-mail address or the application id.
    public let userName: String
    /// What a person reads.
    public let displayName: String
    /// The number the workspace knows it by.
    public let id: String
    /// What it signs in with: a client secret for an application, a personal access token for a person.
    ///
    /// Empty for a service principal that was made by the API: of its secrets only digests are kept.
    public let credential: Secret
    /// What it may do of all that it may, where it came with a token; `nil` for everything.
    package var scopes: TokenScopes?
    /// Whether it is in the group `admins`, as a service principal; people always are.
    package var isInAdmins = false

    package init(
        kind: Kind, userName: String, displayName: String, id: String, credential: Secret, scopes: TokenScopes? = nil,
        isInAdmins: Bool = false
    ) {
        self.kind = kind
        self.userName = userName
        self.displayName = displayName
        self.id = id
        self.credential = credential
        self.scopes = scopes
        self.isInAdmins = isInAdmins
    }

    /// Whether it may do everything in the workspace.
    package var isAdministrator: Bool { self.kind == .user || self.isInAdmins }

    /// The same with no more than that.
    package func limited(to scopes: TokenScopes) -> LocalIdentity {
        var limited = self
        limited.scopes = scopes
        return limited
    }
}
