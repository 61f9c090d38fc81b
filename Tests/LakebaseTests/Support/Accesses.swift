//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Configuration
import Synchronization

/// Keeps the keys that were read as secrets and had a value.
final class Accesses: AccessReporter {
    private let keys = Mutex<Set<String>>([])

    var secretKeys: Set<String> { self.keys.withLock { $0 } }

    func report(_ event: AccessEvent) {
        guard case .success(let value?) = event.result, value.isSecret else { return }
        let key = "\(event.metadata.key)"
        self.keys.withLock { _ = $0.insert(key) }
    }
}
