//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Every setting of a configuration with its origin, secrets masked.
public struct LakebaseConfigurationDescription: Sendable, Hashable, CustomStringConvertible {
    /// One setting.
    public struct Entry: Sendable, Hashable {
        /// The property's name, such as `port` or `pool.idleTimeout`.
        public var name: String
        /// Its value; of a secret only that there is one.
        public var value: String
        /// Where it came from.
        public var source: LakebaseConfiguration.Source

        /// A setting from its parts.
        public init(name: String, value: String, source: LakebaseConfiguration.Source) {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    /// The settings that have a value.
    public var entries: [Entry]
    /// Remarks about how the configuration was found.
    public var notes: [String]

    /// One line a setting: name, value, origin.
    ///
    /// Then the remarks.
    public var description: String {
        let lines = self.entries.map { "\($0.name): \($0.value) (from \($0.source))" }
        return (lines + self.notes.map { "note: \($0)" }).joined(separator: "\n")
    }
}
