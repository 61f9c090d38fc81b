//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import Lakebase
import Logging

/// Finds out who a request is from, and what the database thinks of them.
struct Visitors: Sendable {
    /// nil where there is no workspace to ask, as on a plain PostgreSQL: then nobody is signed in.
    let users: LakebaseClientPool?

    /// The visitor; nil when nobody is signed in.
    ///
    /// - Throws: ``Trouble`` 401 for an identity that the workspace does not confirm.
    func visitor(of context: NotesContext) async throws -> LakebaseClientPool.VerifiedUser? {
        guard let users, let identity = context.forwardedIdentity, identity.accessToken != nil else { return nil }
        do {
            return try await users.verify(identity)
        } catch let error as LakebaseError where error.code == .identityRejected {
            context.logger.notice("An identity was rejected", metadata: ["error": "\(error)"])
            throw Trouble.unknownVisitor
        }
    }

    /// The role that the visitor has in the database, found by logging in as the visitor; nil when nobody is signed in.
    func role(of context: NotesContext) async throws -> String? {
        guard let users, let identity = context.forwardedIdentity, identity.accessToken != nil else { return nil }
        do {
            return try await users.withClient(for: identity) { client in
                try await client.query("SELECT current_user::text").first?.decode(String.self, at: 0)
            }
        } catch let error as LakebaseError where error.code == .loginRejected {
            return "none: an administrator has to create it"
        }
    }
}
