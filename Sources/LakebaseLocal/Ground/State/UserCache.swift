//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation

/// What is kept for the next start in the cache of the user, and may be deleted at any time.
package enum UserCache {
    /// The folder of everything; `nil` if there is no home.
    package static func folder(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        if let folder = environment["LAKEBASE_CACHE_DIR"], folder.startsExactly(with: "/") { return folder }
        if let folder = environment["XDG_CACHE_HOME"], folder.startsExactly(with: "/") { return folder + "/lakebase" }
        guard let home = environment["HOME"], home.startsExactly(with: "/") else { return nil }
        #if canImport(Darwin)
        return home + "/Library/Caches/lakebase"
        #else
        return home + "/.cache/lakebase"
        #endif
    }

    /// The folder of new clusters; see ``ClusterTemplate``.
    package static func clusters(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        self.folder(environment).map { $0 + "/clusters" }
    }
}
