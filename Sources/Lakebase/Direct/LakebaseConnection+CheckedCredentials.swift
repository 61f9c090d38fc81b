//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
package import Databricks
package import Logging

extension LakebaseConnection {
    /// Logs in once, and returns the credentials that the server accepted.
    ///
    /// Used before a program is started with a password: the compute is then awake, the password is known to work, and
    /// any problem is reported by this library's errors before the program starts.
    ///
    /// - Throws: As ``connect(_:workspace:eventLoops:logger:)``.
    package static func checkedCredentials(
        _ configuration: LakebaseConfiguration, workspace: WorkspaceClient? = nil, logger: Logger
    ) async throws -> LakebaseCredentials {
        let opener = try Self.opener(configuration, workspace, .shared, logger)
        await (try opener.open()).close()
        guard let credentials = opener.credentials, let target = opener.target else {
            return try LakebaseCredentials(configuration: configuration, logger: logger)
        }
        return LakebaseCredentials(configuration: configuration, provider: .minted(credentials, target))
    }
}
