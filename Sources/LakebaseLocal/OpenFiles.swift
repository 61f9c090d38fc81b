//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import PostgresGateway

extension LocalLakebase {
    /// Raises this process's limit of open files as far as allowed.
    ///
    /// To be called at the start by a program that is nothing but a local Lakebase; each Postgres session takes two
    /// files.
    public static func raiseOpenFileLimit() { OpenFileLimit.raise() }
}
