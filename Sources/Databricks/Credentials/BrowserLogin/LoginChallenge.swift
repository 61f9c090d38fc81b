//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Crypto
internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The values that tie the answer of a login to its request: the state, and the proof of RFC 7636 (PKCE, method S256).
struct LoginChallenge: Sendable {
    /// The state, which is sent through the browser and has to come back.
    let state: Secret
    /// The verifier, which stays here until the code is exchanged.
    let verifier: Secret

    /// A new random challenge.
    init() { self.init(state: Self.random(), verifier: Self.random()) }

    init(state: Secret, verifier: Secret) {
        self.state = state
        self.verifier = verifier
    }

    /// The challenge with which the token service compares the verifier.
    var challenge: String {
        self.verifier.withUnsafeValue { Self.text(SHA256.hash(data: Array($0.utf8))) }
    }

    /// 256 random bits, which makes a text of 43 characters.
    private static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(self.text((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }))
    }

    /// Base64 for addresses, without padding.
    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
