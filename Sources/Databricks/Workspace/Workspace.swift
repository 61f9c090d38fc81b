//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The resources of the Workspace API (`/api/2.0/workspace`): folders, files and notebooks.
public enum Workspace {}
