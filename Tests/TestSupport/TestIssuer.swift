//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation

/// An issuer of identity tokens, as GitHub is one for its jobs.
public struct TestIssuer: Sendable {
    /// What its tokens say in `iss`.
    public let issuer = "https://issuer.example.com"
    private let key = P256.Signing.PrivateKey()

    /// One with a key of its own.
    public init() {}

    /// The public key, as a JSON Web Key Set.
    public var keySet: String {
        let raw = self.key.publicKey.rawRepresentation
        let (x, y) = (Self.encoded(raw.prefix(32)), Self.encoded(raw.suffix(32)))
        return #"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"k","x":"\#(x)","y":"\#(y)"}]}"#
    }

    /// A token that is good for five minutes.
    public func token(subject: String, audience: String) throws -> String {
        let now = Int(Date().timeIntervalSince1970)
        let header = Self.encoded(Data(#"{"alg":"ES256","kid":"k","typ":"JWT"}"#.utf8))
        let claims =
            #"{"iss":"\#(self.issuer)","sub":"\#(subject)","aud":"\#(audience)","iat":\#(now),"exp":\#(now + 300)}"#
        let text = header + "." + Self.encoded(Data(claims.utf8))
        return text + "." + Self.encoded(try self.key.signature(for: Data(text.utf8)).rawRepresentation)
    }

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
