//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What `deployment.yaml` says.
public struct Deployment: Sendable, Hashable {}
