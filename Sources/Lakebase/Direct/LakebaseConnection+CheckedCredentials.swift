//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
package import Databricks
package import Logging

extension LakebaseConnection {
    /// Logs in once, and returns the credentials that did.
    ///
    /// For a program that is to be started with a password: the compute is awake by then, the password is known to be good,
    /// and what is wrong is told by this library's errors before the program has done anything.
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
