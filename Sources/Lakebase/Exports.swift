//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// One import is enough for an application: queries, rows and errors come from AsyncPQ, the workspace from Databricks.
@_exported public import AsyncPQ
@_exported public import AsyncPQPool
@_exported public import Databricks
@_exported public import Secrets
