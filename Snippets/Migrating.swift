//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Migrations from code, at the start of a service.

import Lakebase
import LakebaseSchema
import Logging

func migrate(lakebase: LakebaseClient, logger: Logger) async throws {
    // snippet.up
    let migrator = Migrator(client: lakebase, options: .init(owner: "app_owner"), logger: logger)
    try await migrator.up(MigrationFolder(path: "migrations").migrations())
    // snippet.end
}
