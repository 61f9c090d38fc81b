//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
public import LocalGround
import LocalWorkspace
public import Secrets

extension LocalLakebase {
    /// A local Lakebase that another process runs.
    public struct Running: Sendable {
        /// The workspace's URL.
        public var host: String
        /// The developer's token for the workspace.
        public var token: Secret
    }

    /// Looks for the local Lakebase that runs on a data directory now; `nil` if none does.
    ///
    /// - Throws: `dataDirectory` if the folder is not one of a local Lakebase or cannot be read.
    public static func running(on dataDirectory: String) throws(LocalLakebaseError) -> Running? {
        let path = try DataDirectory.existing(dataDirectory)
        guard let data = try? OwnFile.read(path + "/lakebase.json") else {
            throw LocalLakebaseError(
                .dataDirectory, "\(path)/lakebase.json cannot be read.",
                remedy: "Run this as the user who runs lakebase dev."
            )
        }
        let state = try LocalState.decode(data, path: path + "/lakebase.json")
        guard DataDirectoryLock.isTaken(folder: path), let port = state.controlPlanePort else { return nil }
        guard let token = try? OwnFile.read(path + "/secrets/developer-token") else {
            throw LocalLakebaseError(
                .dataDirectory, "The developer's token in \(path)/secrets cannot be read.",
                remedy: "Run this as the user who runs lakebase dev."
            )
        }
        let text = String(decoding: token, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Running(host: "http://\(state.controlPlaneHost ?? "127.0.0.1"):\(port)", token: Secret(text))
    }
}
