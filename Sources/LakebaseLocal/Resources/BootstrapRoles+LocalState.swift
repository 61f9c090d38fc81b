//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalPostgres
import LocalWorkspace

extension BootstrapRoles {
    /// Makes the roles of the project that every workspace begins with.
    init(_ state: LocalState) {
        self.init(owner: state.developer, ownerMarker: DatabricksAuthExtension.userMarker, app: state.applicationID)
    }
}
