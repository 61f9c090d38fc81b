//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// What a request does to the workspace, as far as rights go.
///
/// Found from method and path alone, before anything of the body is read. What is not found here nobody may do.
enum WorkspaceAction: String, CaseIterable, Sendable {
    /// Asks who the caller is.
    case readSelf
    /// Mints a Postgres password for the caller itself.
    case mintCredential
    case listProjects, readProject, createProject, changeProject
    /// Shows the password that a role logs in with.
    case readRolePassword
    case listInstances, readInstance, createInstance, changeInstance
    case readPrincipals, changePrincipals
    /// Client secrets of service principals, which sign in as them.
    case readSecrets, changeSecrets
    /// Scopes of secrets, which have permissions of their own.
    case readScopes, changeScopes
    case readFiles, changeFiles
    case listApps, readApp, createApp, changeApp
    case readPermissions, changePermissions
    /// Who may use a project or an instance.
    case readProjectPermissions, changeProjectPermissions
    /// What apps have said.
    case readLogs
    /// What runs on this machine.
    case readStatus
}

/// An action and what it is done to.
struct WorkspaceDeed: Equatable, Sendable {
    var action: WorkspaceAction
    /// The project, the instance or the app by its name, where the path names one.
    var object: String?

    init(_ action: WorkspaceAction, _ object: String? = nil) {
        self.action = action
        self.object = object
    }

    /// The action of a request; `nil` for a request that no service of the workspace answers to a caller with a token.
    static func of(method: String, path: String) -> WorkspaceDeed? {
        if let (section, rest) = WorkspaceServices.section(of: path) {
            return Self.of(method: method, section, rest)
        }
        let reads = method == "GET"
        switch Route.find(method: method, path: path) {
        case .me: return WorkspaceDeed(.readSelf)
        case .postgresCredentials, .databaseCredentials: return WorkspaceDeed(.mintCredential)
        case .postgres(let name): return Self.of(postgres: PostgresRoute.find(name), name, method)
        case .databaseInstances: return WorkspaceDeed(reads ? .listInstances : .createInstance)
        // The answer names the instance, so it is as good as the list of all.
        case .databaseInstanceByUID: return WorkspaceDeed(.listInstances)
        case .databaseInstance(let name), .databaseInstanceRoles(let name), .databaseInstanceRole(let name, _):
            return WorkspaceDeed(reads ? .readInstance : .changeInstance, name)
        case .databaseExtras(let path):
            let parts = path.split(separator: "/").map(String.init)
            guard reads else { return WorkspaceDeed(.createInstance) }
            return parts.count > 1 && parts[0].isExactly("instances")
                ? WorkspaceDeed(.readInstance, parts[1]) : WorkspaceDeed(.listInstances)
        case .projectPermissions(let path):
            return WorkspaceDeed(reads ? .readProjectPermissions : .changeProjectPermissions, path.project)
        case .localStatus: return WorkspaceDeed(.readStatus)
        case .hostMetadata, .authorizationServer, .keySet, .token, .authorize, .wrongMethod, .notServed, .unknown:
            return nil
        }
    }

    private static func of(postgres route: PostgresRoute, _ name: String, _ method: String) -> WorkspaceDeed? {
        let reads = method == "GET"
        let parts = name.split(separator: "/").map(String.init)
        let project = parts.count > 1 && parts[0].isExactly("projects") ? parts[1] : nil
        switch route {
        case .projects: return WorkspaceDeed(reads ? .listProjects : .createProject)
        case .password: return WorkspaceDeed(.readRolePassword, project)
        case .project, .branches, .branch, .collection, .member, .undelete, .operation, .emptyList:
            return WorkspaceDeed(reads ? .readProject : .changeProject, project)
        case .absent:
            // Catalogs and synced tables are of no project.
            guard let project else { return WorkspaceDeed(reads ? .listProjects : .createProject) }
            return WorkspaceDeed(reads ? .readProject : .changeProject, project)
        case .unknown: return nil
        }
    }

    private static func of(
        method: String, _ section: WorkspaceServices.Section, _ rest: [String]
    ) -> WorkspaceDeed? {
        let reads = method == "GET"
        switch section {
        case .principals, .users, .groups: return WorkspaceDeed(reads ? .readPrincipals : .changePrincipals)
        case .scopedSecrets: return WorkspaceDeed(reads ? .readScopes : .changeScopes)
        case .secrets: return WorkspaceDeed(reads ? .readSecrets : .changeSecrets)
        case .files: return WorkspaceDeed(reads ? .readFiles : .changeFiles)
        case .upload: return WorkspaceDeed(.changeFiles)
        case .apps:
            guard let app = rest.first else { return WorkspaceDeed(reads ? .listApps : .createApp) }
            return WorkspaceDeed(reads ? .readApp : .changeApp, app)
        case .permissions: return WorkspaceDeed(reads ? .readPermissions : .changePermissions, rest.first)
        case .localApps: return WorkspaceDeed(.readLogs, rest.first)
        }
    }
}
