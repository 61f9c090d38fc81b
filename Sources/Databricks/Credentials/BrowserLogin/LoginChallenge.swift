//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests
internal import ExactText
internal import Secrets

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
        self.verifier.withUnsafeValue { SHA256Hash(ofText: $0).base64URL }
    }

    /// 256 random bits, which makes a text of 43 characters.
    private static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }))
    }
}
