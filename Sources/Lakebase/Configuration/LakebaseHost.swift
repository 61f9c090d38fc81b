//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// What the name of a database host reveals.
package enum LakebaseHost {
    /// Whether a host name is in the service's own domains.
    package static func isServiceName(_ host: String) -> Bool {
        host.containsExactly(".database.")
            && (host.endsExactly(with: ".databricks.com") || host.endsExactly(with: ".azuredatabricks.net"))
    }
}
