//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

extension LakebaseClientPool {
    /// A visitor whose token the workspace has verified.
    public struct VerifiedUser: Sendable, Hashable {
        /// The workspace's name for the owner of the token, which is the name of the role in the database.
        ///
        /// An e-mail address, or the application id of a service principal.
        public var userName: String
        /// The display name.
        public var displayName: String?
        /// The addresses the workspace has for this user.
        public var emails: [String]

        /// A user from its parts.
        public init(userName: String, displayName: String? = nil, emails: [String] = []) {
            self.userName = userName
            self.displayName = displayName
            self.emails = emails
        }

        /// Whether an address is this user's; upper and lower case are the same.
        func owns(email: String) -> Bool {
            let email = email.lowercased()
            return self.userName.lowercased().isExactly(email)
                || self.emails.contains { $0.lowercased().isExactly(email) }
        }

        /// Reads the workspace's answer.
        init(_ user: IAM.User) throws(LakebaseError) {
            guard let userName = user.userName, !userName.isEmpty, user.active != false else {
                throw LakebaseError(
                    .identityRejected, "the workspace does not name an active user as the owner of the forwarded token")
            }
            self.init(
                userName: userName, displayName: user.displayName, emails: (user.emails ?? []).compactMap(\.value))
        }
    }
}
