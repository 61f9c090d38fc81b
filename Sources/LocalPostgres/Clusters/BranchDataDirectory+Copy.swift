//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import Secrets

/// Creating a data directory as a copy of another.
extension BranchDataDirectory {
    /// Creates the folder for a copy.
    ///
    /// - Returns: The folder to copy to; `nil` if the cluster is there.
    package func prepareCopy() async throws -> String? {
        if self.exists { return nil }
        try PrivateFile.createDirectory(self.folder, mode: self.user.other == nil ? 0o700 : 0o711)
        let building = self.folder + "/data.new"
        if PrivateFile.isDirectory(building) { try FileManager.default.removeItem(atPath: building) }
        return building
    }

    /// Moves a finished copy into place.
    package func commitCopy() throws {
        guard rename(self.folder + "/data.new", self.dataFolder) == 0 else {
            throw PrivateFile.Failure(operation: "move into place", path: self.dataFolder, code: errno)
        }
    }

    /// Removes the data, and keeps the server's log.
    func removeData() async throws {
        let path = self.dataFolder
        try await FileThread.run {
            // Left half removed, it is not taken for a cluster.
            unlink(path + "/PG_VERSION")
            if PrivateFile.isDirectory(path) { try FileManager.default.removeItem(atPath: path) }
        }
    }
}
