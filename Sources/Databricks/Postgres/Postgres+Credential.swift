//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A request for a database credential.
    public struct GenerateDatabaseCredentialRequest: Codable, Hashable, Sendable {
        /// The full name of an endpoint.
        public var endpoint: String
        /// Its lifetime: 300 to 3,600 seconds.
        public var ttl: ProtobufDuration?
        /// Its expiry time: 5 minutes to 1 hour ahead.
        ///
        /// Excludes a life.
        @Wire<RFC3339> public var expireTime: Date?
        /// The restrictions of the credential.
        public var claims: [RequestedClaims]?
        /// The group in whose role to log in.
        ///
        /// Sent by a client of Databricks; no reference describes it.
        public var groupName: String?

        /// Creates a value from its fields.
        public init(
            endpoint: String,
            ttl: ProtobufDuration? = nil,
            expireTime: Date? = nil,
            claims: [RequestedClaims]? = nil,
            groupName: String? = nil
        ) {
            self.endpoint = endpoint
            self.ttl = ttl
            self.expireTime = expireTime
            self.claims = claims
            self.groupName = groupName
        }

        private enum CodingKeys: String, CodingKey {
            case endpoint
            case ttl
            case expireTime = "expire_time"
            case claims
            case groupName = "group_name"
        }
    }
}
