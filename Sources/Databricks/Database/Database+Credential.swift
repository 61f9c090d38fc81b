//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Database {
    /// A request for a database credential.
    public struct GenerateDatabaseCredentialRequest: Codable, Hashable, Sendable {
        /// The instances.
        ///
        /// Either these or claims are needed.
        public var instanceNames: [String]?
        /// A UUID that identifies a repeated request.
        public var requestID: String?
        /// The restrictions of the credential.
        public var claims: [RequestedClaims]?

        /// Creates a value from its fields.
        public init(
            instanceNames: [String]? = nil,
            requestID: String? = nil,
            claims: [RequestedClaims]? = nil
        ) {
            self.instanceNames = instanceNames
            self.requestID = requestID
            self.claims = claims
        }

        private enum CodingKeys: String, CodingKey {
            case instanceNames = "instance_names"
            case requestID = "request_id"
            case claims
        }
    }
}
