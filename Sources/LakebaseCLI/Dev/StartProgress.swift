//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal

/// What a slow start of the local Lakebase is doing.
enum StartProgress {
    /// Waits until the local Lakebase is ready.
    ///
    /// - Throws: What kept it from starting.
    static func ready(_ lakebase: LocalLakebase) async throws -> LocalLakebase.Ready {
        try await Progress.during(Self.words(lakebase.startStep)) { try await lakebase.ready() }
    }

    private static func words(_ step: LocalLakebase.StartStep) -> String {
        switch step {
        case .openingFolder: "opening the data folder"
        case .findingPostgres: "looking for PostgreSQL"
        case .makingCluster: "making a PostgreSQL cluster, which happens once for a data folder"
        case .stoppingEarlierServer: "waiting for the PostgreSQL of the last run to stop"
        case .listening: "opening the addresses"
        }
    }
}
