//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// How a role still reaches the objects of a set of grants after what was given to it was taken back.
public struct RemainingAccess: Sendable, Hashable, CustomStringConvertible {
    /// By which way.
    public enum Way: String, Sendable, Hashable, CaseIterable {
        /// Something names the role itself and was not taken back, since the role that works may not, or since it counts for other schemas too.
        case direct
        /// Everybody has it (PUBLIC).
        case everybody
        /// The role is a member of another role that has it.
        case membership
        /// The role owns something.
        case ownership
        /// The role is a superuser.
        case superuser
    }

    /// By which way.
    public var way: Way
    /// What it still has, in words.
    public var what: String
    /// The statement, or the command, that takes it away.
    public var remedy: String
    /// Who may run that.
    public var by: String

    /// One from its parts.
    public init(_ way: Way, _ what: String, remedy: String, by: String) {
        self.way = way
        self.what = what
        self.remedy = remedy
        self.by = by
    }

    /// What, and what to do about it.
    public var description: String { "\(self.what); to take it away, as \(self.by): \(self.remedy)" }
}
