//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// How a role still has access to the objects of a set of grants after its privileges were revoked.
public struct RemainingAccess: Sendable, Hashable, CustomStringConvertible {
    /// The kind of access.
    public enum Way: String, Sendable, Hashable, CaseIterable {
        /// A privilege of the role itself that was not revoked, because the current user may not, or because it applies to other schemas too.
        case direct
        /// A privilege of PUBLIC.
        case everybody
        /// A membership in another role with the privilege.
        case membership
        /// Ownership.
        case ownership
        /// The role is a superuser.
        case superuser
    }

    /// The kind of access.
    public var way: Way
    /// The access, in words.
    public var what: String
    /// The statement or command that ends it.
    public var remedy: String
    /// The role that may run it.
    public var by: String

    /// One from its parts.
    public init(_ way: Way, _ what: String, remedy: String, by: String) {
        self.way = way
        self.what = what
        self.remedy = remedy
        self.by = by
    }

    /// The access, and what to do about it.
    public var description: String { "\(self.what); to take it away, as \(self.by): \(self.remedy)" }
}
