//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// A program's request to the workspace's login page (RFC 6749, 4.1.1, with the proof of RFC 7636).
struct AuthorizationRequest: Equatable, Sendable, Codable {
    var clientID: String
    /// The address to which the browser is redirected afterwards, on this machine.
    var redirect: String
    var scopes: [String]
    /// The value by which the program recognizes its own login.
    var state: String?
    /// The challenge: the SHA-256 of the program's verifier, in Base64 for URLs.
    var challenge: String

    /// The public client of the `databricks` program, the SDKs and `lakebase auth login`.
    static let publicClient = "databricks-cli"

    /// The result of reading a request.
    enum Reading: Equatable, Sendable {
        case request(AuthorizationRequest)
        /// There is no safe address for a redirect, so the user is shown an error.
        case unsafe(String)
        /// The program is sent the error, by a redirect of the browser.
        case refused(redirect: String, state: String?, error: String, description: String)
    }

    /// Reads the fields of a query.
    static func read(_ fields: [String: String]) -> Reading {
        guard let clientID = fields["client_id"], clientID.isExactly(Self.publicClient) else {
            return .unsafe("The client_id is not '\(Self.publicClient)', the only program that is known here.")
        }
        guard let redirect = fields["redirect_uri"], Self.isLoopback(redirect) else {
            return .unsafe(
                "The redirect_uri is not an http address of this machine, such as http://localhost:8020.")
        }
        let state = fields["state"]
        func refused(_ error: String, _ description: String) -> Reading {
            .refused(redirect: redirect, state: state, error: error, description: description)
        }
        guard fields["response_type"]?.isExactly("code") == true else {
            return refused("unsupported_response_type", "The response_type has to be code.")
        }
        guard fields["code_challenge_method"]?.isExactly("S256") == true, let challenge = fields["code_challenge"],
            Self.isProof(challenge, length: 43...43)
        else {
            return refused("invalid_request", "A code_challenge with the code_challenge_method S256 is needed.")
        }
        let scopes = (fields["scope"] ?? "").split(separator: " ").map(String.init)
        guard scopes.contains("all-apis"), scopes.allSatisfy({ ["all-apis", "offline_access"].contains($0) }) else {
            return refused("invalid_scope", "The scope has to be all-apis, with offline_access if it is to last.")
        }
        return .request(
            AuthorizationRequest(
                clientID: clientID, redirect: redirect, scopes: scopes, state: state, challenge: challenge))
    }

    /// Whether an address is on this machine, over HTTP, with any port and path (RFC 8252, 7.3).
    static func isLoopback(_ address: String) -> Bool {
        let scheme = "http://"
        guard address.utf8.count <= 2048, address.startsExactly(with: scheme),
            address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") && $0 != 0x5C })
        else { return false }
        let authority = address.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        for host in ["localhost", "127.0.0.1", "[::1]"] where authority.hasPrefix(host) {
            let port = authority.dropFirst(host.count)
            if port.isEmpty { return true }
            guard port.hasPrefix(":"), let number = UInt16(port.dropFirst()) else { return false }
            return number > 0
        }
        return false
    }

    /// Whether a text is a valid challenge or verifier of RFC 7636.
    static func isProof(_ text: String, length: ClosedRange<Int> = 43...128) -> Bool {
        length.contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "~"):
                    true
                default: false
                }
            }
    }

    /// The address with further fields in its query.
    static func address(_ address: String, adding fields: [(name: String, value: String?)]) -> String {
        let query = fields.compactMap { field in field.value.map { "\(field.name)=\(Self.encoded($0))" } }
            .joined(separator: "&")
        let separator = !address.contains("?") ? "?" : address.hasSuffix("?") || address.hasSuffix("&") ? "" : "&"
        // "http://localhost:8020" alone has no path, and a query needs one.
        let hasPath = address.dropFirst("http://".count).contains("/")
        return address + (hasPath || address.contains("?") ? "" : "/") + separator + query
    }

    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if Self.isProof(String(UnicodeScalar(byte)), length: 1...1) {
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
