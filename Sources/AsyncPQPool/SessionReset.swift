//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ

/// Whether a pool resets sessions to the state that they had after the login.
///
/// A reset is one round trip. It does what `DISCARD ALL` does, except that statements prepared by this library stay:
/// settings and the role are those of the login again, channels are no longer listened to, temporary tables are
/// dropped, and session locks are released.
public enum SessionReset: String, Sendable, Hashable, CaseIterable {
    /// When a caller changed the session, as far as the library can see; other leases cost nothing.
    ///
    /// It sees `SET` (but for `SET LOCAL` and `SET TRANSACTION`), `LISTEN`, `PREPARE`, `DECLARE`, `DO`, `CALL`,
    /// temporary objects, and statements with the words `set_config`, `pg_advisory_lock` and the like, and
    /// `dblink_connect`. It does not see what a function of yours does.
    case whenChanged = "when-changed"
    /// At each release.
    case always
    /// Never; an open transaction is rolled back all the same.
    case never

    /// Whether a session with these changes is to be reset.
    package func applies(to changes: SessionChanges) -> Bool {
        switch self {
        case .whenChanged: !changes.isDisjoint(with: [.state, .statements])
        case .always: true
        case .never: false
        }
    }
}
