//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ

/// Whether a pool puts sessions back into the state they had after the login.
///
/// A reset is one round trip. It does what `DISCARD ALL` does, except that statements prepared by this library stay: settings
/// and the role are those of the login again, nothing is listened to, temporary tables are dropped, and locks of the session
/// are given up.
public enum SessionReset: String, Sendable, Hashable, CaseIterable {
    /// When a borrower was seen to change the session, which costs those nothing who did not.
    ///
    /// Seen are `SET` (but for `SET LOCAL` and `SET TRANSACTION`), `LISTEN`, `PREPARE`, `DECLARE`, `DO`, `CALL`, temporary
    /// objects, and statements with the words `set_config`, `pg_advisory_lock` and the like, and `dblink_connect`. What a
    /// function of yours does inside of it is not.
    case whenChanged = "when-changed"
    /// Each time a connection comes back.
    case always
    /// Never; an open transaction is rolled back all the same.
    case never

    /// Whether a session that was left like this is to be reset.
    package func applies(to changes: SessionChanges) -> Bool {
        switch self {
        case .whenChanged: !changes.isDisjoint(with: [.state, .statements])
        case .always: true
        case .never: false
        }
    }
}
