//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Configuration

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LakebaseConfiguration {
    /// Finds the configuration with a reader of swift-configuration: in the environment, a `.env` file, other files, or
    /// memory.
    ///
    /// The rules are those of ``fromEnvironment(_:prefix:pool:)``, and so are the names: the key
    /// `lakebase.pool.idleTimeout` is the variable `LAKEBASE_POOL_IDLE_TIMEOUT` for the reader's environment provider.
    /// All keys are in <doc:Configuration>. Numbers and truth values count like their texts. Secrets are read as such,
    /// so the reader's access log does not show them.
    ///
    /// ```swift
    /// let reader = ConfigReader(provider: EnvironmentVariablesProvider())
    /// let orders = try LakebaseConfiguration.from(reader, prefix: "orders")
    /// let stock = try LakebaseConfiguration.from(reader, prefix: "stock")
    /// ```
    ///
    /// A reader does not report which of its providers had a value; ``from(providers:prefix:pool:)`` does.
    ///
    /// - Parameters:
    ///   - reader: Asked for each key once.
    ///   - prefix: Put before each key with a dot. Only the workspace's keys may go without it, all of them together.
    ///   - pool: Limits of the pool that the reader does not set.
    /// - Throws: ``LakebaseConfigurationError`` with every problem, each with its fix.
    public static func from(
        _ reader: ConfigReader,
        prefix: String? = nil,
        pool: PQPoolConfiguration = PQPoolConfiguration()
    ) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        try Self.from([(reader, nil)], prefix: prefix, pool: pool)
    }

    /// Finds the configuration with providers of swift-configuration; the first provider that has a value wins.
    ///
    /// As ``from(_:prefix:pool:)`` with a reader of these providers, and ``describe()`` names the provider of each
    /// value.
    ///
    /// - Throws: ``LakebaseConfigurationError`` with every problem, each with its fix.
    public static func from(
        providers: [any ConfigProvider],
        prefix: String? = nil,
        pool: PQPoolConfiguration = PQPoolConfiguration()
    ) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        let readers = providers.map { (ConfigReader(providers: [$0]), String?.some($0.providerName)) }
        return try Self.from(readers, prefix: prefix, pool: pool)
    }

    private static func from(
        _ readers: [(reader: ConfigReader, name: String?)], prefix: String?, pool: PQPoolConfiguration
    ) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        // Each key once: a value that changes meanwhile must not be two things, and access logs should not repeat
        // themselves.
        var known: [String: SettingLookup.Found?] = [:]
        let lookup = SettingLookup(prefix: prefix, machine: ProcessInfo.processInfo.environment) { key, isSecret in
            if let value = known[key] { return value }
            var value: SettingLookup.Found?
            for (reader, name) in readers where value == nil {
                value = Self.text(of: key, isSecret: isSecret, in: reader)
                    .map { .init(text: $0, source: .reader(key: key, provider: name)) }
            }
            known[key] = .some(value)
            return value
        }
        var resolver = SettingsResolver(lookup: lookup)
        return try resolver.resolve(pool: pool)
    }

    /// The value of a key as text; files have numbers and truth values too, which a reader does not turn into text.
    private static func text(of key: String, isSecret: Bool, in reader: ConfigReader) -> String? {
        let key = ConfigKey(key)
        var text = reader.string(forKey: key, isSecret: isSecret)
        if text == nil, let number = reader.int(forKey: key, isSecret: isSecret) { text = String(number) }
        if text == nil, let number = reader.double(forKey: key, isSecret: isSecret) { text = String(number) }
        if text == nil, let isTrue = reader.bool(forKey: key, isSecret: isSecret) { text = String(isTrue) }
        if text == nil, let list = reader.stringArray(forKey: key, isSecret: isSecret) {
            text = list.joined(separator: ";")
        }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
