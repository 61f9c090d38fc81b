//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension OAuth {
    /// A token of the workspace (RFC 6749, 5.1).
    public struct TokenResponse: Codable, Hashable, Sendable {
        /// The token.
        public var accessToken: Secret
        /// The token type, which precedes the token in a header: `Bearer`.
        public var tokenType: String
        /// The token's lifetime in seconds, counted from the answer.
        public var expiresIn: Int64
        /// The scope, such as `all-apis`.
        public var scope: String?
        /// The refresh token of a user's login.
        public var refreshToken: Secret?
        /// The type of the token, in the answer to an exchange (RFC 8693, 2.2.1).
        public var issuedTokenType: String?

        /// Creates a value from its fields.
        public init(
            accessToken: Secret, tokenType: String = "Bearer", expiresIn: Int64, scope: String? = nil,
            refreshToken: Secret? = nil, issuedTokenType: String? = nil
        ) {
            self.refreshToken = refreshToken
            self.issuedTokenType = issuedTokenType
            self.accessToken = accessToken
            self.tokenType = tokenType
            self.expiresIn = expiresIn
            self.scope = scope
        }

        /// Reads an answer; token, type and seconds must be there, and the seconds may be a number or its text.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.accessToken = Secret(try container.decode(String.self, forKey: .accessToken))
            self.tokenType = try container.decode(String.self, forKey: .tokenType)
            let expiresIn = try container.decode(Wire<IntegerCoding>.self, forKey: .expiresIn).wrappedValue
            guard let expiresIn else {
                throw DecodingError.keyNotFound(
                    CodingKeys.expiresIn,
                    .init(codingPath: container.codingPath, debugDescription: "expires_in is missing")
                )
            }
            self.expiresIn = expiresIn
            self.scope = try container.decodeIfPresent(String.self, forKey: .scope)
            self.refreshToken = try container.decodeIfPresent(String.self, forKey: .refreshToken).map { Secret($0) }
            self.issuedTokenType = try container.decodeIfPresent(String.self, forKey: .issuedTokenType)
        }

        /// Writes the answer, tokens included.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try self.accessToken.withUnsafeValue { try container.encode($0, forKey: .accessToken) }
            try container.encode(self.tokenType, forKey: .tokenType)
            try container.encode(self.expiresIn, forKey: .expiresIn)
            try container.encodeIfPresent(self.scope, forKey: .scope)
            try self.refreshToken?.withUnsafeValue { try container.encode($0, forKey: .refreshToken) }
            try container.encodeIfPresent(self.issuedTokenType, forKey: .issuedTokenType)
        }

        private enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case tokenType = "token_type"
            case expiresIn = "expires_in"
            case scope
            case refreshToken = "refresh_token"
            case issuedTokenType = "issued_token_type"
        }
    }
}
