//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension Postgres {
    /// The password of a role that logs in with a password.
    public struct RevealRolePasswordResponse: Codable, Hashable, Sendable {
        /// The password.
        @Wire<SecretCoding> public var password: Secret?

        /// Creates a value from its fields.
        public init(
            password: Secret? = nil
        ) {
            self.password = password
        }

        private enum CodingKeys: String, CodingKey {
            case password
        }
    }
}
