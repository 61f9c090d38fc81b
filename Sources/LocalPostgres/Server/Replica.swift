//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
package import Logging
import Secrets

/// The data of an endpoint that follows a branch's writer: a copy that is made again each time it wakes.
///
/// So it has everything when it wakes, whether or not the writer is awake, and no log need be kept for it while it
/// sleeps. While both are awake the writer's log comes through its private socket. When the writer goes to sleep it has
/// sent all it has; the replica stays readable, and asks every second whether the writer runs again.
package struct Replica: Sendable {
    package var primary: Compute
    package var source: BranchDataDirectory
    /// The replica's own data directory.
    package var cluster: BranchDataDirectory

    package init(primary: Compute, source: BranchDataDirectory, cluster: BranchDataDirectory) {
        self.primary = primary
        self.source = source
        self.cluster = cluster
    }

    /// Makes the copy, with the settings that make the server a follower.
    package func refresh(logger: Logger) async throws {
        await PostgresServer.stopStranded(self.cluster, logger: logger)
        try await self.cluster.removeData()
        var attempts = 0
        while true {
            guard let building = try await self.cluster.prepareCopy() else { return }
            do {
                _ = try await self.primary.copyData(of: self.source, to: building, logger: logger)
                let signal = building + "/standby.signal"
                try self.cluster.user.write(Data(), to: signal)
                return try self.cluster.commitCopy()
            } catch {
                // The writer may have been suspended meanwhile.
                attempts += 1
                try Task.checkCancellation()
                guard attempts < 3 else { throw error }
            }
        }
    }

    /// The settings of a server that follows the server with that socket folder.
    ///
    /// - Parameter passwordFile: A file, because roles that may read all settings see this one.
    package static func settings(following sockets: String, passwordFile: String) -> [(name: String, value: String)] {
        [
            (
                "primary_conninfo",
                "host=\(sockets) port=\(PostgresServer.port) user=\(PostgresConventions.administrator) "
                    + "application_name=lakebase-replica passfile=\(passwordFile)"
            ),
            // Keeps the log on the writer's side while there is a connection, and no longer.
            ("wal_receiver_create_temp_slot", "on"), ("wal_retrieve_retry_interval", "1s"),
        ]
    }
}
