//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalPostgres
import LocalWorkspace
import Logging

/// Roles that SQL has made, changed or dropped.
extension ResourceService {
    /// Brings the rows of a branch's roles up to what its server has, if it is awake.
    ///
    /// A suspended compute is not woken: the rows are as of its suspension, and no role has changed since.
    func refreshRoles(ofBranch name: String) async {
        guard let uid = self.view.inventory.branches[name]?.uid, let compute = self.parts.fleet.compute(of: uid),
            let administration = await compute.openAdministration
        else { return }
        await self.refreshRoles(ofBranch: name, from: administration)
    }

    /// Brings the rows of a branch's roles up to what its server has.
    func refreshRoles(ofBranch name: String, from administration: ComputeAdministration) async {
        let before = self.view.inventory
        do {
            let observed = try await administration.roles()
            let now = Self.now
            try self.change { $0.adopt(observed, on: name, since: before, now: now) }
        } catch {
            // It is about to sleep, or gone: the list is as it was.
            self.parts.logger.debug(
                "Roles could not be read", metadata: ["lakebase.error": "\("\(error)".escapedForLog(limit: 2_000))"])
        }
    }
}
