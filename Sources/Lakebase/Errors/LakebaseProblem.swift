//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One entry of the catalogue of errors: what can go wrong, why, and what to do about it.
///
/// The id is for searching and for alarms: it stays when the words around it change, and is never given to another
/// problem. The entry is general; ``LakebaseExplanation`` describes a single error.
public struct LakebaseProblem: Sendable, Identifiable {
    /// The stable name, `LB` and three digits, of which the first is the topic.
    public let id: String
    /// What happened, in a few words.
    public let title: String
    /// Why it happens.
    public let cause: String
    /// What to do about it.
    public let remedy: String
    /// The command that fixes the problem or shows more: of a shell, or SQL if it ends with a semicolon.
    ///
    /// Words in capitals are placeholders.
    public let command: String?

    init(_ id: String, _ title: String, cause: String, remedy: String, command: String? = nil) {
        self.id = id
        self.title = title
        self.cause = cause
        self.remedy = remedy
        self.command = command
    }

    /// All entries, by topic and id.
    public static let catalogue: [LakebaseProblem] =
        Self.ofConfiguration + Self.ofWorkspace + Self.ofLogin + Self.ofConnection + Self.ofPool + Self.ofStatement

    /// The entry with an id, such as `LB306`.
    public static func withID(_ id: String) -> LakebaseProblem? { self.catalogue.first { $0.id == id } }
}

extension LakebaseProblem: Hashable {
    /// Two entries are the same if their ids are.
    public static func == (left: Self, right: Self) -> Bool { left.id == right.id }

    /// Hashes the id.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
}

extension LakebaseProblem: CustomStringConvertible {
    /// Id and title.
    public var description: String { "\(self.id): \(self.title)" }
}
