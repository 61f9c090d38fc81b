//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension LoginStore {
    /// The contents of a token cache; unknown parts are kept.
    ///
    /// Its shape is that of the `databricks` program in its plain text mode: `{"version": 1, "tokens": {KEY: {...}}}`.
    struct Contents: Sendable {
        private var top: [String: JSONValue]

        /// Creates an empty cache.
        init() { self.top = ["version": .integer(1), "tokens": .object([:])] }

        /// Reads a cache.
        init(_ text: String) throws(DatabricksError) {
            guard case .object(let top)? = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else {
                throw DatabricksError(code: .invalidConfiguration, message: "it is not a JSON object")
            }
            guard top["version"] == .integer(1) else {
                throw DatabricksError(
                    code: .invalidConfiguration, message: "it is of another version than 1, the only one known here")
            }
            self.top = top
        }

        /// The login under the first of the keys that has a usable one.
        func login(for keys: [String]) -> Login? {
            guard case .object(let tokens)? = self.top["tokens"] else { return nil }
            return keys.lazy.compactMap { Self.entry(of: tokens, $0) }.compactMap(Self.login).first
        }

        /// The entry under a name that is equal in its bytes: the login of another profile whose name only looks the
        /// same is not used.
        private static func entry(of tokens: [String: JSONValue], _ key: String) -> JSONValue? {
            guard let index = tokens.index(forKey: key), tokens[index].key.isExactly(key) else { return nil }
            return tokens[index].value
        }

        /// Puts a login under each of the keys.
        mutating func set(_ login: Login, for keys: [String]) {
            var tokens: [String: JSONValue] = [:]
            if case .object(let known)? = self.top["tokens"] { tokens = known }
            for key in keys {
                // A name that differs from another one only in its Unicode normal form has no entry of its own in
                // Foundation's JSON.
                if let index = tokens.index(forKey: key), !tokens[index].key.isExactly(key) { continue }
                var entry: [String: JSONValue] = [:]
                if case .object(let known)? = tokens[key] { entry = known }
                entry["access_token"] = login.accessToken.withUnsafeValue { .string($0) }
                entry["token_type"] = .string("Bearer")
                entry["refresh_token"] = login.refreshToken?.withUnsafeValue { .string($0) }
                entry["expiry"] = .string(RFC3339.string(from: login.expiresAt))
                tokens[key] = .object(entry)
            }
            self.top["tokens"] = .object(tokens)
        }

        /// The text to write.
        func text() throws -> [UInt8] {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self.top))
        }

        private static func login(_ entry: JSONValue) -> Login? {
            func secret(_ name: String) -> Secret? {
                let secret = entry[name]?.stringValue.map { Secret($0) }
                return secret?.isVisibleText == true ? secret : nil
            }
            let (access, refresh) = (secret("access_token"), secret("refresh_token"))
            guard access != nil || refresh != nil else { return nil }
            // A token without an expiry time, or with an unreadable one, counts as expired.
            let end = entry["expiry"]?.stringValue.flatMap { RFC3339.date(from: $0) } ?? .distantPast
            return Login(accessToken: access ?? Secret(""), refreshToken: refresh, expiresAt: end)
        }
    }
}
