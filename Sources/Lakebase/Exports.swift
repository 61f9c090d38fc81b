//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// One import is enough for an application: queries, rows and errors come from AsyncPQ, the pool's limits from AsyncPQPool.
// Of Databricks only what an application passes to a client; its REST models have to be imported by name.
@_exported public import AsyncPQ
@_exported public import AsyncPQPool
@_exported public import Secrets

@_exported public import class Databricks.WorkspaceClient
@_exported public import struct Databricks.WorkspaceConfiguration
