//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// A statement whose beginning the observer has got, and whose end it has to get.
    struct Observation: Sendable {
        let observer: any PQQueryObserver
        let sql: String
        let token: PQQueryToken

        func ended(_ result: Result<PQRows, any Error>) { self.observer.queryEnded(self.sql, self.token, result) }
    }

    /// Tells the observer, if there is one, that a statement begins.
    nonisolated func observe(_ sql: String, _ kind: PQQueryKind = .query) -> Observation? {
        guard let observer = self.session.queryObserver else { return nil }
        return Observation(observer: observer, sql: sql, token: observer.queryBegan(sql, kind))
    }
}
