//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Which identity is configured and where, and tokens from a place of the program's own.

import Databricks
import Foundation
import Logging
import Secrets

let logger = Logger(label: "authentication")

// snippet.describe
let configuration = try WorkspaceConfiguration.resolve()
print("method:", configuration.authentication.type)
for entry in configuration.describe().entries {
    print("\(entry.name): \(entry.value) (from \(entry.source))")
}
// snippet.end

// snippet.custom
struct VaultTokens: TokenSource {
    let authType = AuthType(rawValue: "vault")
    let explanation = "authenticated by vault"

    func token() async throws(DatabricksError) -> MintedToken<Secret> {
        let (token, lifetime) = try await self.askVault()
        return MintedToken(token: token, expiresAt: Date() + lifetime)
    }

    func askVault() async throws(DatabricksError) -> (Secret, TimeInterval) { (Secret("from the vault"), 900) }
}

let client = WorkspaceClient(
    configuration: try .resolve(.init(customAuthType: AuthType(rawValue: "vault"))),
    credentials: RenewedCredentials(source: VaultTokens(), logger: logger), logger: logger)
// snippet.end
print(try await client.currentUser.me().userName ?? "nobody")
