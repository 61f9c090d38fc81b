//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets
import Synchronization

/// The service principals of the workspace, stored in a document.
final class PrincipalRegistry: Sendable {
    private static let document = "principals"

    private let directory: Mutex<PrincipalDirectory>
    private let documents: (any DocumentStore)?
    /// The secrets of running processes: the application id, and the secret.
    ///
    /// They are kept nowhere else, and are in no list.
    private let processSecrets = Mutex<[(applicationID: String, secret: Secret)]>([])
    /// The number of the principal with which the workspace was created; it cannot be deleted.
    let builtIn: String?

    /// Reads the principals, and adds the workspace's first one.
    ///
    /// - Parameter users: The names of the people, which no principal can have.
    init(
        documents: any DocumentStore, app: (id: String, applicationID: String, name: String), users: [String] = []
    ) throws {
        var directory = try documents.load(PrincipalDirectory.self, named: Self.document) ?? PrincipalDirectory()
        // From before such names were refused.
        directory.removeNamesakes(of: users)
        if directory.entry(applicationID: app.applicationID) == nil {
            let principal = IAM.ServicePrincipal(applicationID: app.applicationID, displayName: app.name)
            _ = try directory.create(principal, applicationID: app.applicationID, id: app.id)
        }
        self.directory = Mutex(directory)
        self.documents = documents
        self.builtIn = app.id
    }

    /// Creates an empty registry that stores nothing.
    init() {
        self.directory = Mutex(PrincipalDirectory())
        self.documents = nil
        self.builtIn = nil
    }

    /// The current principals.
    var value: PrincipalDirectory { self.directory.withLock { $0 } }

    /// Changes the principals, and returns once the change is stored; a change that cannot be stored is not made.
    func change<Result: Sendable>(_ body: (inout PrincipalDirectory) throws -> Result) throws -> Result {
        try self.directory.withLock { directory in
            var changed = directory
            let result = try body(&changed)
            try self.documents?.save(changed, named: Self.document)
            directory = changed
            return result
        }
    }

    /// The identity of a principal with that application id.
    func identity(named applicationID: String) -> LocalIdentity? {
        self.value.entry(applicationID: applicationID).flatMap {
            $0.principal.active == true ? Self.identity(of: $0.principal) : nil
        }
    }

    /// The identity of the principal that signs in with a secret.
    func application(clientID: String, secret: Secret, now: Date) -> LocalIdentity? {
        if self.processSecrets.withLock({ known in
            known.contains { $0.applicationID.isExactly(clientID) && $0.secret == secret }
        }) {
            return self.identity(named: clientID)
        }
        return self.value.principal(clientID: clientID, secret: secret, now: now).flatMap { Self.identity(of: $0) }
    }

    /// Whether a principal is in the group of the workspace's administrators.
    func isInAdmins(_ applicationID: String) -> Bool {
        self.value.entry(applicationID: applicationID)?.principal.isInAdmins == true
    }

    /// Creates a secret with which a process signs in as a principal, until it is withdrawn or this process ends.
    func issueProcessSecret(for applicationID: String) -> Secret {
        let secret = RandomText.make(prefix: "dose", hexDigits: 32)
        self.processSecrets.withLock { $0.append((applicationID, secret)) }
        return secret
    }

    /// Withdraws the secret of a process.
    func withdrawProcessSecret(_ secret: Secret) {
        self.processSecrets.withLock { known in known.removeAll { $0.secret == secret } }
    }

    private static func identity(of principal: IAM.ServicePrincipal) -> LocalIdentity? {
        guard let applicationID = principal.applicationID, let id = principal.id else { return nil }
        var identity = LocalIdentity(
            kind: .servicePrincipal, userName: applicationID, displayName: principal.displayName ?? applicationID,
            id: id, credential: Secret(""))
        identity.isInAdmins = principal.isInAdmins
        return identity
    }
}
