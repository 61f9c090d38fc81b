//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalPostgres
import LocalWorkspace

extension BootstrapRoles {
    /// Creates the roles of the project with which every workspace begins.
    init(_ state: LocalState) {
        self.init(owner: state.developer, ownerMarker: DatabricksAuthExtension.userMarker, app: state.applicationID)
    }
}
