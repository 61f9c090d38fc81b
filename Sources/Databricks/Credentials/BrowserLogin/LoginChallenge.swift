//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests
internal import ExactText
internal import Secrets

/// What ties the answer of a login to the one who asked for it: the state, and the proof of RFC 7636 (PKCE, method S256).
struct LoginChallenge: Sendable {
    /// Goes through the browser and has to come back.
    let state: Secret
    /// Stays here until the code is exchanged.
    let verifier: Secret

    /// A new random challenge.
    init() { self.init(state: Self.random(), verifier: Self.random()) }

    init(state: Secret, verifier: Secret) {
        self.state = state
        self.verifier = verifier
    }

    /// What the token service compares the verifier with.
    var challenge: String {
        self.verifier.withUnsafeValue { SHA256Hash(ofText: $0).base64URL }
    }

    /// 256 random bits, which makes a text of 43 characters.
    private static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }))
    }
}
