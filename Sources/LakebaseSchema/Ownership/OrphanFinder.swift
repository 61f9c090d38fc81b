//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
internal import ExactText
public import Lakebase

/// Finds orphaned roles in a database.
///
/// With a workspace it also looks up the service principals of roles. Users and groups are not looked up: that requires rights which database
/// developers rarely have.
public struct OrphanFinder: Sendable {
    private let ownership: Ownership
    private let workspace: WorkspaceClient?

    /// Creates a finder.
    ///
    /// - Parameters:
    ///   - client: A running client of the database.
    ///   - workspace: The workspace to look up identities in; none are looked up when nil.
    public init(client: LakebaseClient, workspace: WorkspaceClient? = nil) {
        self.ownership = Ownership(client: client)
        self.workspace = workspace
    }

    /// Returns the orphaned roles; changes nothing.
    ///
    /// - Throws: `DatabricksError` when the workspace does not answer; what the client throws.
    public func find() async throws -> OrphanReport {
        let holdings = try await self.ownership.holdings()
        guard let workspace else { return OrphanReport(holdings: holdings) }
        var (missing, checked): ([String], [String]) = ([], [])
        for role in holdings.roles where !role.isSystem && role.identity == .servicePrincipal {
            // Nothing else can stand in the filter without harm.
            guard WantedRole.isApplicationID(role.name) else { continue }
            let found = try await workspace.servicePrincipals.list(filter: "applicationId eq \"\(role.name)\"").all()
            checked.append(role.name)
            if !found.contains(where: { $0.applicationID?.isExactly(role.name) == true }) { missing.append(role.name) }
        }
        return OrphanReport(holdings: holdings, missing: missing, checked: checked)
    }
}
