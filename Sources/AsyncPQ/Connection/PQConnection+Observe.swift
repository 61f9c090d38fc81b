//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// A statement whose beginning the observer has received, and whose end it is to receive.
    package struct Observation: Sendable {
        let observer: any PQQueryObserver
        let sql: String
        let token: PQQueryToken

        package func ended(_ result: Result<PQRows, any Error>) {
            self.observer.queryEnded(self.sql, self.token, result)
        }
    }

    /// Reports the beginning of a query to the observer, if there is one.
    package nonisolated func observe(_ query: PQQuery) -> Observation? { self.observe(query.sql) }

    /// Reports the beginning of a statement to the observer, if there is one.
    nonisolated func observe(_ sql: String, _ kind: PQQueryKind = .query) -> Observation? {
        guard let observer = self.session.queryObserver else { return nil }
        return Observation(observer: observer, sql: sql, token: observer.queryBegan(sql, kind))
    }
}
