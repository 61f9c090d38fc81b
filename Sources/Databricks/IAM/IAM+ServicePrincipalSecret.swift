//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension IAM {
    /// An OAuth client secret of a service principal.
    ///
    /// The text itself is answered once, at creation.
    public struct ServicePrincipalSecret: Codable, Hashable, Sendable {
        /// The client secret.
        ///
        /// Only in the answer of its creation.
        @Wire<SecretCoding> public var secret: Secret?
        /// Its id.
        public var id: String?
        /// `ACTIVE` or another word of the service.
        public var status: String?
        /// A digest of it.
        public var secretHash: String?
        /// The time of its creation.
        @Wire<TimestampCoding> public var createTime: Date?
        /// The time of its last change.
        @Wire<TimestampCoding> public var updateTime: Date?
        /// The expiry time.
        @Wire<TimestampCoding> public var expireTime: Date?
        /// The scopes of tokens obtained with it; absent for no limit.
        public var scopes: [String]?

        /// Creates a value from its fields.
        public init(
            secret: Secret? = nil,
            id: String? = nil,
            status: String? = nil,
            secretHash: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil,
            expireTime: Date? = nil,
            scopes: [String]? = nil
        ) {
            self.secret = secret
            self.id = id
            self.status = status
            self.secretHash = secretHash
            self.createTime = createTime
            self.updateTime = updateTime
            self.expireTime = expireTime
            self.scopes = scopes
        }

        private enum CodingKeys: String, CodingKey {
            case secret
            case id
            case status
            case secretHash = "secret_hash"
            case createTime = "create_time"
            case updateTime = "update_time"
            case expireTime = "expire_time"
            case scopes
        }
    }

    /// A request for a client secret.
    public struct CreateServicePrincipalSecretRequest: Codable, Hashable, Sendable {
        /// Its lifetime: by default and at most 730 days.
        public var lifetime: ProtobufDuration?
        /// The scopes of tokens obtained with it; absent for no limit.
        public var scopes: [String]?

        /// Creates a value from its fields.
        public init(
            lifetime: ProtobufDuration? = nil,
            scopes: [String]? = nil
        ) {
            self.lifetime = lifetime
            self.scopes = scopes
        }

        private enum CodingKeys: String, CodingKey {
            case lifetime
            case scopes
        }
    }

    /// A page of client secrets, without their texts.
    public struct ListServicePrincipalSecretsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var secrets: [ServicePrincipalSecret]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            secrets: [ServicePrincipalSecret]? = nil,
            nextPageToken: String? = nil
        ) {
            self.secrets = secrets
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case secrets
            case nextPageToken = "next_page_token"
        }
    }
}
