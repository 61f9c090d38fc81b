//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Reads a role, and reads it again while another program may be creating it.
///
/// A role and its link to an identity may be two steps of another program, or of the service. One that is linked to nothing is looked at again for a
/// moment before it is called foreign.
enum RoleSighting {
    /// How long to wait before each further look: a second in all.
    static let pauses: [Duration] = [.milliseconds(50), .milliseconds(150), .milliseconds(300), .milliseconds(500)]

    static func plan(_ wanted: WantedRole, look: () async throws -> DatabaseRole?) async throws -> RolePlan {
        var plan = RolePlan(wanted, found: try await look())
        for pause in Self.pauses {
            guard case .conflict(_, let found) = plan, found.identity == nil else { return plan }
            try await Task.sleep(for: pause)
            plan = RolePlan(wanted, found: try await look())
        }
        return plan
    }

    /// Returns the existing role if it can be used; nil when there is none of that name.
    ///
    /// - Throws: ``RoleError`` `conflict` if a role of that name exists and cannot be used.
    static func existing(_ wanted: WantedRole, look: () async throws -> DatabaseRole?) async throws -> DatabaseRole? {
        let plan = try await Self.plan(wanted, look: look)
        switch plan {
        case .create: return nil
        case .keep(let role): return role
        case .conflict: throw RoleError(.conflict, plan.advice?.message ?? "", remedy: plan.advice?.remedy)
        }
    }
}
