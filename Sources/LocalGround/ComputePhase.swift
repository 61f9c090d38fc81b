//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The state of an endpoint's compute.
package enum ComputePhase: Equatable, Hashable, Sendable {
    case idle
    case starting
    case active
    case suspending
    case stopped
}
