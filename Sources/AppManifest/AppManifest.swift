//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// `app.yaml`: how the platform starts an app.
public struct AppManifest: Sendable, Hashable {}
