//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The lexical structure of PostgreSQL's SQL.
package enum SQLTokens {}
