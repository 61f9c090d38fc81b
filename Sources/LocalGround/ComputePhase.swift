//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What an endpoint's compute is doing.
package enum ComputePhase: Equatable, Hashable, Sendable {
    case idle
    case starting
    case active
    case suspending
    case stopped
}
