//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// One import is enough for an application: queries, rows and errors come from AsyncPQ, passwords from Secrets.
@_exported public import AsyncPQ
@_exported public import Secrets
