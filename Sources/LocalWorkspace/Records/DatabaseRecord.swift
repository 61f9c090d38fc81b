//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A database in its stored form.
package struct DatabaseRecord: Codable, Equatable, Sendable {
    /// The resource name.
    package var name: String
    /// The resource name of its branch.
    package var branch: String
    var id: String
    var createTime: Date
    var updateTime: Date
    package var postgresDatabase: String
    /// The resource name of the role that owns it.
    package var role: String
}
