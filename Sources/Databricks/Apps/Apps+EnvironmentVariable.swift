//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension Apps {
    /// A variable in the environment of an app.
    public struct EnvironmentVariable: Codable, Hashable, Sendable {
        /// Its name.
        public var name: String?
        /// Its value, which may be a secret and so never shows.
        ///
        /// The service takes it and does not answer it.
        @Wire<SecretCoding> public var value: Secret?
        /// The key of the resource whose name or address is the value.
        public var valueFrom: String?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            value: Secret? = nil,
            valueFrom: String? = nil
        ) {
            self.name = name
            self.value = value
            self.valueFrom = valueFrom
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case value
            case valueFrom = "value_from"
        }
    }
}
