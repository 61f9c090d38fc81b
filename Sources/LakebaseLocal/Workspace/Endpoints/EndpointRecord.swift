//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// An endpoint in its stored form.
struct EndpointRecord: Codable, Equatable, Sendable {
    /// The resource name.
    var name: String
    /// The resource name of its branch.
    var branch: String
    var id: String
    var uid: String
    var createTime: Date
    var updateTime: Date
    var settings: ComputeSettings
    var disabled: Bool
    /// Whether it follows the branch's writer and accepts no writes.
    var isReadOnly = false
    /// Its address; empty before it has listened for the first time.
    var address: String
    var port: Int
}
