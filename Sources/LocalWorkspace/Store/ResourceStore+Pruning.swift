//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation
import GRDB

/// Removes operations that are no longer needed.
extension ResourceStore {
    /// How long a finished operation can be requested.
    package static let operationLife: TimeInterval = 86_400
    /// The maximum number of finished operations of a project; those that began first are removed first.
    package static let operationLimit = 500

    /// Removes finished operations that began long ago, or that are too many.
    ///
    /// Operations in progress are kept, whatever their age: they are the journal of the remaining work.
    ///
    /// - Returns: How many were forgotten.
    @discardableResult
    package func pruneOperations(
        now: Date, life: TimeInterval = ResourceStore.operationLife, limit: Int = ResourceStore.operationLimit
    ) throws -> Int {
        try self.queue.write { database in
            // A name begins with projects/{id}/, and "projects/" has nine letters.
            try database.execute(
                sql: """
                    DELETE FROM operation WHERE isDone AND (createTime < ? OR name IN (
                        SELECT name FROM (
                            SELECT name, row_number() OVER (
                                PARTITION BY substr(name, 1, instr(substr(name, 10), '/') + 8)
                                ORDER BY createTime DESC, rowid DESC
                            ) AS place FROM operation WHERE isDone
                        ) WHERE place > ?
                    ))
                    """,
                arguments: [now.addingTimeInterval(-life), limit]
            )
            return database.changesCount
        }
    }
}
