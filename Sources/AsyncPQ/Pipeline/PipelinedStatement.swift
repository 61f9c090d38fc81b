//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// A statement that is prepared as a part of a pipeline.
struct PipelinedPreparation {
    let key: StatementCache.Key
    let name: String
}

extension PQSession {
    /// What was appended to a pipeline for one statement.
    enum Appended {
        /// libpq could not take it: the connection is lost.
        case failed
        /// The statement alone.
        case statement
        /// Its preparation, and then the statement.
        case prepared(PipelinedPreparation)
    }

    /// Appends a statement to libpq's pipeline, prepared where that is known or due.
    ///
    /// A preparation counts as successful at once, so that the next statement of the
    /// same text uses it; see ``StatementCache/withdraw(_:name:)``.
    ///
    /// - Parameter mustBeParsed: Refuses a statement that must not be sent, and says whether it has to be parsed at each
    ///   use; not called for one that is prepared.
    func appendToPipeline(
        _ query: PQQuery, on handle: OpaquePointer, mustBeParsed: () throws -> Bool
    ) rethrows -> Appended {
        if PQclientEncoding(handle) == SessionEncoding.utf8, let name = self.statements.preparedName(query) {
            if self.statements.latestChangesSession { self.leftBehind.insert(.state) }
            return query.sendPrepared(as: name, on: handle) ? .statement : .failed
        }
        let mustBeParsed = try mustBeParsed()
        let changesSession = SessionText.changesSession(query.sql)
        if changesSession { self.leftBehind.insert(.state) }
        // Whether the server infers types that would not hold is known only after a round trip.
        let mayPrepare = !self.statements.hasManyPending && !query.bindings.leavesTypes
        let key = StatementCache.Key(query)
        let name: String
        switch mustBeParsed ? .runUnprepared : self.statements.use(key, mayPrepare: mayPrepare) {
        case .runUnprepared: return query.sendUnprepared(on: handle) ? .statement : .failed
        case .runPrepared(let name):
            return query.sendPrepared(as: Array(name.utf8CString), on: handle) ? .statement : .failed
        case .prepare(let newName): name = newName
        }
        let types = key.types.map(\.rawValue)
        guard PQsendPrepare(handle, name, query.sql, Int32(types.count), types) != 0,
            query.sendPrepared(as: Array(name.utf8CString), on: handle)
        else { return .failed }
        self.statements.didPrepare(key, name: name, changesSession: changesSession)
        return .prepared(PipelinedPreparation(key: key, name: name))
    }
}
