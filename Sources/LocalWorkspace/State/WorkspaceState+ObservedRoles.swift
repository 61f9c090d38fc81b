//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
package import Foundation

/// Roles that were created, changed and dropped by SQL.
extension WorkspaceState {
    /// Updates the records from the roles of a branch's server.
    ///
    /// What the APIs have changed since the server was asked is newer, and stays.
    ///
    /// - Parameter before: The resources as they were when the server was asked.
    package mutating func adopt(_ observed: [ObservedRole], on branch: String, since before: WorkspaceState, now: Date)
    {
        guard self.branches[branch]?.state == .ready else { return }
        let old = Dictionary(before.roles(of: branch).map { (ExactText($0.postgresRole), $0) }) { first, _ in first }
        var known = Dictionary(self.roles(of: branch).map { (ExactText($0.postgresRole), $0) }) { first, _ in first }
        for role in observed {
            if let record = known.removeValue(forKey: ExactText(role.postgresRole)) {
                guard old[ExactText(role.postgresRole)] == record, self.isSettled(record.name, since: before) else {
                    continue
                }
                var changed = record
                changed.take(role)
                if changed != record {
                    changed.updateTime = now
                    self.roles[record.name] = changed
                }
            } else if old[ExactText(role.postgresRole)] == nil {
                let id = ResourceName.derivedID(from: role.postgresRole, prefix: "role") { candidate in
                    self.roles["\(branch)/roles/\(candidate)"] != nil
                }
                let record = RoleRecord(observed: role, branch: branch, id: id, now: now)
                self.roles[record.name] = record
            }
        }
        // The remaining ones no longer exist. A row that a database names as its owner's is kept with it.
        for record in known.values where old[ExactText(record.postgresRole)] == record {
            guard self.isSettled(record.name, since: before),
                !self.databases(of: branch).contains(where: { $0.role == record.name })
            else { continue }
            self.roles[record.name] = nil
        }
    }

    /// Whether no operation has reserved the resource from then until now.
    private func isSettled(_ resource: String, since before: WorkspaceState) -> Bool {
        !self.isChanging(resource) && !before.isChanging(resource)
    }
}

extension RoleRecord {
    /// A role that was created by SQL.
    init(observed: ObservedRole, branch: String, id: String, now: Date) {
        self.init(
            name: "\(branch)/roles/\(id)", branch: branch, id: id, createTime: now, updateTime: now,
            postgresRole: observed.postgresRole, identity: observed.identity, login: observed.login,
            isSuperuser: observed.isSuperuser, createsDatabases: observed.createsDatabases,
            createsRoles: observed.createsRoles, bypassesRowSecurity: observed.bypassesRowSecurity
        )
    }

    /// Updates the record from the server's role.
    fileprivate mutating func take(_ observed: ObservedRole) {
        (self.identity, self.login) = (observed.identity, observed.login)
        self.isSuperuser = observed.isSuperuser
        self.createsDatabases = observed.createsDatabases
        self.createsRoles = observed.createsRoles
        self.bypassesRowSecurity = observed.bypassesRowSecurity
    }
}
