//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks

extension LakebaseClient {
    /// Explains an error of this client: its cause, and what to do.
    ///
    /// For a refused login, the facts were gathered when it happened. If a caller timed out because no connection could
    /// be opened, the explanation is that of the last attempt, with the state of the pool in its evidence. For a
    /// missing privilege (SQLSTATE 42501), table (42P01) or schema (3F000), the database's own catalogue is queried
    /// over a connection of the pool: who owns the object, which privileges the role has on it and on its schema and
    /// sequences, and which schemas are in `search_path`. Any other error gets the general text of the catalogue of
    /// errors.
    ///
    /// It takes two seconds at most. A pool without open connections opens none for this, so no compute is woken; the
    /// explanation is then the general one and says so. A statement that changed its role or `search_path` by `SET` is
    /// judged by the role and `search_path` that the pool's connections start with.
    ///
    /// - Parameter error: What a method of this client threw.
    /// - Returns: nil for an error that is not one of this library.
    public func explain(_ error: any Error) async -> LakebaseExplanation? {
        if let error = error as? LakebaseError {
            if let explanation = error.explanation ?? error.explanationBeneath(self.opener.history.trouble?.error) {
                return explanation
            }
        }
        guard let problem = LakebaseProblem.of(error) else { return nil }
        guard let error = error as? PQError, let server = error.server, Self.isExplicable(problem) else {
            return LakebaseExplanation(general: problem)
        }
        guard self.pool.statistics.size > 0 else {
            return LakebaseExplanation(
                general: problem,
                evidence: ["the database was not asked: no connection is open, and opening one could wake it"]
            )
        }
        let names = StatementNames(query: error.query, message: server.message)
        guard let facts = await self.facts(about: names, limit: .seconds(2)) else {
            return LakebaseExplanation(
                general: problem, evidence: ["the database was asked and did not answer within two seconds"])
        }
        return switch problem {
        case .relationMissing: facts.missingRelationVerdict()
        case .schemaMissing: facts.missingSchemaVerdict(message: server.message)
        default: facts.permissionVerdict(message: server.message)
        }
    }

    private static func isExplicable(_ problem: LakebaseProblem) -> Bool {
        problem == .permissionDenied || problem == .relationMissing || problem == .schemaMissing
    }

    private func facts(about names: StatementNames, limit: Duration) async -> PermissionDiagnosis? {
        await withTaskGroup(of: PermissionDiagnosis?.self) { group in
            group.addTask {
                try? await self.withConnection { try await PermissionEvidence(connection: $0).gather(names) }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
