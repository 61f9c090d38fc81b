//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalPostgres
import LocalWorkspace
import Logging

/// Roles that were created, changed or dropped by SQL.
extension ResourceService {
    /// Updates the records of a branch's roles from its server, if it runs.
    ///
    /// A suspended compute is not woken: the rows are as of its suspension, and no role has changed since.
    func refreshRoles(ofBranch name: String) async {
        guard let uid = self.view.inventory.branches[name]?.uid, let compute = self.parts.fleet.compute(of: uid),
            let administration = await compute.openAdministration
        else { return }
        await self.refreshRoles(ofBranch: name, from: administration)
    }

    /// Updates the records of a branch's roles from its server.
    func refreshRoles(ofBranch name: String, from administration: ComputeAdministration) async {
        let before = self.view.inventory
        do {
            let observed = try await administration.roles()
            let now = Self.now
            try self.change { $0.adopt(observed, on: name, since: before, now: now) }
        } catch {
            // It is being suspended, or has ended: the list is as it was.
            self.parts.logger.debug(
                "Roles could not be read", metadata: ["lakebase.error": "\("\(error)".escapedForLog(limit: 2_000))"])
        }
    }
}
