//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Shared with the peer on PostgresNIO, which script/bench builds outside of this package.

import Foundation

/// Where the database is and where to listen: the arguments of each web server that is measured.
struct WebOptions: Sendable {
    var host: String
    var port: Int
    var user: String
    var database: String
    /// Of the pool.
    var connections: Int
    /// Where the web server listens, on the loopback interface.
    var httpPort: Int

    /// Reads the arguments of the process; ends it where they are wrong.
    static func ofThisProcess() -> WebOptions {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let port = Int(arguments[2]), let connections = Int(arguments[5]),
            let httpPort = Int(arguments[6])
        else {
            FileHandle.standardError.write(
                Data("usage: \(arguments[0]) HOST PORT USER DATABASE CONNECTIONS HTTP_PORT\n".utf8))
            exit(64)
        }
        return WebOptions(
            host: arguments[1], port: port, user: arguments[3], database: arguments[4], connections: connections,
            httpPort: httpPort)
    }
}
