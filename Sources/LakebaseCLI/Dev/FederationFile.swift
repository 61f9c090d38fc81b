//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads federation policies: one, or a list of them, in the format of the service.
enum FederationFile {
    static func policies(at path: String) throws -> [OAuth.FederationPolicy] {
        guard let data = try WorkspaceConfiguration.contents(ofFile: path).map({ Data($0.utf8) }) else {
            throw Self.failure(path, "there is no such file")
        }
        let decoder = JSONDecoder()
        if let one = try? decoder.decode(OAuth.FederationPolicy.self, from: data) { return [one] }
        do {
            return try decoder.decode([OAuth.FederationPolicy].self, from: data)
        } catch {
            throw Self.failure(
                path,
                "it is no JSON such as {\"oidc_policy\": {\"issuer\": \"https://…\", \"audiences\": [\"…\"], \"jwks_json\": \"…\"}}"
            )
        }
    }
    private static func failure(_ path: String, _ reason: String) -> CommandError {
        CommandError("the federation policies in \(path) cannot be read: \(reason)")
    }
}
