//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Synchronization

/// The workspace's id, given or learned from the host.
final class WorkspaceID: Sendable {
    private let id: Mutex<String?>

    init(_ id: String?) { self.id = Mutex(id) }

    var value: String? { self.id.withLock { $0 } }

    /// Stores an id, unless one is known or it is not a number.
    func learn(_ id: String) {
        guard let checked = Self.checked(id) else { return }
        self.id.withLock { $0 = $0 ?? checked }
    }

    /// The id, if it is a number of a plausible length.
    static func checked(_ id: String) -> String? {
        !id.isEmpty && id.utf8.count <= 32 && id.utf8.allSatisfy { (0x30...0x39).contains($0) } ? id : nil
    }
}
