//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// An endpoint in its stored form.
package struct EndpointRecord: Codable, Equatable, Sendable {
    /// The resource name.
    package var name: String
    /// The resource name of its branch.
    package var branch: String
    var id: String
    package var uid: String
    var createTime: Date
    var updateTime: Date
    package var settings: ComputeSettings
    package var disabled: Bool
    /// Whether it follows the branch's writer and accepts no writes.
    package var isReadOnly = false
    /// Its address; empty before it has listened for the first time.
    package var address: String
    package var port: Int
}
