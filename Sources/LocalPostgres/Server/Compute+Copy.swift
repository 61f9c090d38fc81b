//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
package import Logging
import Secrets

extension Compute {
    /// The result of copying a branch's data.
    package struct Copied: Sendable {
        package var summary: ClusterCopy.Summary
        /// The position in the source's WAL.
        package var lsn: String?
    }

    /// Copies the compute's current data: from its files while it is suspended, in backup mode while it runs.
    package nonisolated func copyData(
        of cluster: BranchDataDirectory, to destination: String, logger: Logger
    ) async throws -> Copied {
        if await self.hold() {
            // Releasing does not fail, so it needs no more than this.
            let result: Result<ClusterCopy.Summary, any Error>
            do {
                // What the copy has is as its source has it.
                if !cluster.isFollower { try await cluster.secureIfNeeded() }
                result = .success(
                    try await ClusterCopy.copyStopped(from: cluster.dataFolder, to: destination, owner: cluster.user)
                )
            } catch {
                result = .failure(error)
            }
            await self.release()
            return Copied(
                summary: try result.get(), lsn: ControlFile.read(dataFolder: destination)?.checkpointText
            )
        }
        self.activity.pin()
        defer { self.activity.unpin() }
        _ = try await self.login()
        return try await self.copyAwake(cluster, to: destination, logger: logger)
    }

    private nonisolated func copyAwake(
        _ cluster: BranchDataDirectory, to destination: String, logger: Logger
    ) async throws -> Copied {
        let administration = try await self.administrate(logger: logger)
        do {
            try await administration.beginBackup()
            let files = try await ClusterCopy.copyRunning(
                from: cluster.dataFolder, to: destination, owner: cluster.user
            )
            let end = try await administration.endBackup()
            let log = try await ClusterCopy.copyLog(
                end.log, from: cluster.dataFolder, to: destination, owner: cluster.user
            )
            let label = destination + "/backup_label"
            // The copy is not used yet, so a half-written file does no harm.
            try cluster.user.write(Data(end.label.utf8), to: label)
            // Ends the slot that kept the log.
            await administration.close()
            return Copied(summary: files + log, lsn: end.lsn)
        } catch {
            await administration.close()
            throw error
        }
    }
}
