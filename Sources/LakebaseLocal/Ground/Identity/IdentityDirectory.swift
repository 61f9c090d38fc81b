//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import LocalWorkspace
import Secrets

/// The identities of the workspace.
struct IdentityDirectory: Sendable {
    let app: LocalIdentity
    let developer: LocalIdentity
    /// The service principals, those of apps among them.
    let principals: PrincipalRegistry

    /// Reads the secrets of both identities from the folder, or creates them.
    init(state: LocalState, directory: DataDirectory, documents: any DocumentStore) throws(LocalLakebaseError) {
        self.app = LocalIdentity(
            kind: .servicePrincipal,
            userName: state.applicationID,
            displayName: "local-app",
            id: "70000000000001",
            // The service's secrets begin with "dose", its personal tokens with "dapi": scanners know both.
            credential: try directory.secret("client-secret") { RandomText.make(prefix: "dose", hexDigits: 32) }
        )
        self.developer = LocalIdentity(
            kind: .user,
            userName: state.developer,
            displayName: "Developer",
            id: "70000000000002",
            credential: try directory.secret("developer-token") { RandomText.make(prefix: "dapi", hexDigits: 32) }
        )
        do {
            self.principals = try PrincipalRegistry(
                documents: documents,
                app: (self.app.id, self.app.userName, self.app.displayName), users: [self.developer.userName])
        } catch let error as LocalLakebaseError {
            throw error
        } catch {
            throw LocalLakebaseError(
                .dataDirectory, "The service principals in \(directory.path) cannot be kept: \(error).",
                remedy: "Give yourself write permission or choose another folder with --data.")
        }
    }

    /// Creates a directory of two given identities.
    init(app: LocalIdentity, developer: LocalIdentity) {
        self.app = app
        self.developer = developer
        self.principals = PrincipalRegistry()
    }

    /// The users, who can log in with a browser.
    var users: [LocalIdentity] { [self.developer] }

    /// The identity with that user name.
    func identity(named userName: String) -> LocalIdentity? {
        if self.developer.userName.isExactly(userName) { return self.developer }
        return self.app.userName.isExactly(userName) ? self.appNow : self.principals.identity(named: userName)
    }

    /// The app with its current groups.
    private var appNow: LocalIdentity {
        var app = self.app
        app.isInAdmins = self.principals.isInAdmins(app.userName)
        return app
    }

    /// The service principal with that id and secret.
    func application(clientID: String, secret: Secret) -> LocalIdentity? {
        // Compares the secret whether or not the id is known.
        let matches = self.app.credential == secret
        if clientID.isExactly(self.app.userName), matches { return self.appNow }
        return self.principals.application(clientID: clientID, secret: secret, now: Date())
    }
}

/// Random text for secrets.
enum RandomText {
    static func make(prefix: String, hexDigits: Int) -> Secret { Secret(prefix + Self.hex(hexDigits)) }

    /// Random hexadecimal digits.
    static func hex(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in String(UInt8.random(in: 0..<16, using: &generator), radix: 16) }.joined()
    }
}
