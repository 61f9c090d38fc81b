//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The resources of the Database API (`/api/2.0/database`), which drives Lakebase Provisioned.
public enum Database {}
