//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A database in its stored form.
struct DatabaseRecord: Codable, Equatable, Sendable {
    /// The resource name.
    var name: String
    /// The resource name of its branch.
    var branch: String
    var id: String
    var createTime: Date
    var updateTime: Date
    var postgresDatabase: String
    /// The resource name of the role that owns it.
    var role: String
}
