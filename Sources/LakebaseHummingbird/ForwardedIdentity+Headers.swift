//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import HTTPTypes
import Hummingbird
public import Lakebase
import Secrets

extension ForwardedIdentity {
    /// The longest token that is accepted, in bytes.
    ///
    /// Those of the service have one to two thousand.
    private static var longestToken: Int { 16 * 1024 }
    /// The longest name that is accepted, in bytes: an e-mail address has at most 254 characters.
    private static var longestName: Int { 1024 }

    /// Reads the identity from a request's headers, and removes the token from them.
    ///
    /// Source of the names: Databricks, "Access HTTP headers passed to Databricks apps".
    ///
    /// - Parameter headers: The headers of the request; the token is removed.
    /// - Returns: nil when there is neither a token nor a name.
    /// - Throws: `HTTPError` 400 for a header that occurs twice or that the platform would not send.
    public init?(headers: inout HTTPFields) throws {
        let token = try Self.single("X-Forwarded-Access-Token", in: headers, limit: Self.longestToken)
        if let name = HTTPField.Name("X-Forwarded-Access-Token") { headers[values: name] = [] }
        let email = try Self.single("X-Forwarded-Email", in: headers, limit: Self.longestName)
        let user = try Self.single("X-Forwarded-User", in: headers, limit: Self.longestName)
        let preferred = try Self.single("X-Forwarded-Preferred-Username", in: headers, limit: Self.longestName)
        guard token != nil || email != nil || user != nil else { return nil }
        if let token, !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw Self.wrong("X-Forwarded-Access-Token")
        }
        self.init(accessToken: token.map { Secret($0) }, email: email, user: user, preferredUsername: preferred)
    }

    /// The value of a header that may come once; nil when it is not there or empty.
    private static func single(_ name: String, in headers: HTTPFields, limit: Int) throws -> String? {
        guard let field = HTTPField.Name(name) else { return nil }
        let values = headers[values: field]
        guard let value = values.first, !(values.count == 1 && value.isEmpty) else { return nil }
        guard values.count == 1, value.utf8.count <= limit, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw self.wrong(name)
        }
        return value
    }

    private static func wrong(_ name: String) -> HTTPError {
        HTTPError(.badRequest, message: "The header \(name) does not have the form that the platform sends.")
    }
}
