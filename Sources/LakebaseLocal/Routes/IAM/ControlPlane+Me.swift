//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import LocalWorkspace

extension ControlPlane {
    /// The caller as a SCIM user.
    func me(_ identity: LocalIdentity) -> APIResponse {
        let isUser = identity.kind == .user
        let user = IAM.User(
            schemas: [
                isUser
                    ? "urn:ietf:params:scim:schemas:core:2.0:User"
                    : "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"
            ],
            id: identity.id, userName: identity.userName, displayName: identity.displayName, active: true,
            name: isUser ? IAM.Name(givenName: identity.displayName) : nil,
            emails: isUser ? [IAM.Value(value: identity.userName, type: "work", primary: true)] : nil,
            groups: [IAM.Value(value: "1", display: "users", type: "direct", reference: "Groups/1")]
        )
        return .json(user)
    }
}
