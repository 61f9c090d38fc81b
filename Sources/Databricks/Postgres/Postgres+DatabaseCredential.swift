//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A password for Postgres with its expiry time.
    public struct DatabaseCredential: Codable, Hashable, Sendable {
        /// The password, a JWT.
        public var token: Secret
        /// The time until which it is accepted for logins.
        ///
        /// Connections that were opened before continue.
        public var expireTime: Date

        /// Creates a value from its fields.
        public init(token: Secret, expireTime: Date) {
            self.token = token
            self.expireTime = expireTime
        }

        /// Reads a credential; both fields must be there.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.token = Secret(try container.decode(String.self, forKey: .token))
            self.expireTime = try RFC3339.decode(from: container.superDecoder(forKey: .expireTime))
        }

        /// Writes the credential as the service answers it, password included.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try self.token.withUnsafeValue { try container.encode($0, forKey: .token) }
            try container.encode(RFC3339.string(from: self.expireTime), forKey: .expireTime)
        }

        private enum CodingKeys: String, CodingKey {
            case token
            case expireTime = "expire_time"
        }
    }
}
