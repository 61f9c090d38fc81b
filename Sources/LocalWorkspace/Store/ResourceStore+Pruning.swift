//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation
import GRDB

/// Operations that nobody asks for any more.
extension ResourceStore {
    /// How long an operation that is done can be asked for.
    package static let operationLife: TimeInterval = 86_400
    /// How many that are done a project has at most; those that began first go first.
    package static let operationLimit = 500

    /// Forgets operations that are done and began long ago, or are too many.
    ///
    /// Those under way stay, whatever their age: they are the journal of what is still to be done.
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
