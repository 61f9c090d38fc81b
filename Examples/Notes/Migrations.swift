//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseSchema
import Logging

/// The steps in the life of the database's schema: the files in the folder Migrations.
///
/// What is in there has run somewhere, so it is never changed; changes are further files.
enum Migrations {
    /// Runs those that did not run yet.
    ///
    /// Several instances of the app may start at once: one works, the others wait and find everything done. Waits as long as a
    /// sleeping compute may need; the pool itself waits no longer than a visitor would.
    ///
    /// - Returns: The names of those that ran.
    static func apply(with lakebase: LakebaseClient, logger: Logger) async throws -> [String] {
        let migrations = try MigrationFolder(path: Bundle.module.bundleURL.appending(path: "Migrations").path)
            .migrations()
        let migrator = Migrator(client: lakebase, logger: logger)
        let started = ContinuousClock.now
        while true {
            let attempt = ContinuousClock.now
            do {
                return try await migrator.up(migrations).migrations.map(\.name)
            } catch let error as LakebaseError where error.code == .timedOut || error.code == .connectionFailed {
                // What fails at once is no sleep but a mistake, to be told at once.
                let wasWaiting = ContinuousClock.now - attempt > .seconds(5)
                guard wasWaiting, ContinuousClock.now - started < .seconds(30) else { throw error }
            }
        }
    }
}
