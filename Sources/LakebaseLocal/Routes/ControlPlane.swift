//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalWorkspace
import Logging

/// The services of the workspace's API, without a server: each takes a request and returns an answer.
struct ControlPlane: Sendable {
    let resources: ResourceService
    let accountID: String
    let identities: IdentityDirectory
    let tokens: TokenService
    let faults: FaultSwitches
    let counters: LocalCounters
    let services: WorkspaceServices
    let logins: OAuthLoginStore
    let federation: Federation

    /// The metadata of the host, with which clients find the authorization server.
    func hostMetadata(base: String) -> APIResponse {
        .json(
            OAuth.HostMetadata(
                oidcEndpoint: base + "/oidc", accountID: self.accountID, workspaceID: self.tokens.workspaceID,
                cloud: "AWS", hostType: "WORKSPACE_HOST", defaultOIDCAudiences: [self.accountID]
            )
        )
    }

    /// The URL under which a client reaches the workspace.
    ///
    /// The client's `Host` is used only if it can be the name of a host; only that client sees it.
    static func baseURL(host: String?, ownAddress: String, isSecure: Bool = false) -> String {
        let scheme = isSecure ? "https://" : "http://"
        guard let host, (1...255).contains(host.utf8.count),
            host.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
                    UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { return scheme + ownAddress }
        return scheme + host
    }
}
