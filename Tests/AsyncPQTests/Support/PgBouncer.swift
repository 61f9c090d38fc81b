//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Secrets
import TestSupport

/// PgBouncer in transaction mode before a server of the tests, where it is installed.
///
/// It ends with this process, as the server does.
struct PgBouncer: Sendable {
    private let port: Int
    private let configurationOfServer: PQConnection.Configuration

    /// The program; nil where it is not installed.
    static let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Logs in through the pooler, as a superuser.
    var tcp: PQConnection.Configuration {
        var configuration = self.configurationOfServer
        configuration.port = self.port
        return configuration
    }

    /// Starts one.
    ///
    /// - Parameter connections: How many connections to the server its clients share.
    static func start(before server: TestServer, connections: Int) throws -> PgBouncer {
        guard let program else { throw TestServerError(description: "PgBouncer is not installed") }
        let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-pgbouncer.XXXXXX")
        let port = try LoopbackSocket.freePort()
        let settings = """
            [databases]
            * = host=127.0.0.1 port=\(server.port) user=\(TestServer.superuser)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(connections)
            max_client_conn = 400
            logfile = \(folder)/log
            """
        try settings.write(toFile: "\(folder)/pgbouncer.ini", atomically: false, encoding: .utf8)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestServerError(description: "pipe failed with errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer {
            close(ends[0])
            close(sink)
        }
        // The write end is held open until the process ends, and by no child.
        try TestServer.spawn(
            ["/bin/sh", "-c", Self.script, "pgbouncer", program, folder],
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"],
            input: ends[0], output: sink)
        return PgBouncer(port: port, configurationOfServer: server.tcp)
    }

    /// Runs it until the standard input ends.
    private static let script = #"""
        program=$1 folder=$2
        trap '' INT HUP
        if [ "$(id -u)" = 0 ]; then
            # It refuses to run as root.
            chown -R postgres "$folder"
            runuser -u postgres -- "$program" -q "$folder/pgbouncer.ini" </dev/null &
        else
            "$program" -q "$folder/pgbouncer.ini" </dev/null &
        fi
        cat >/dev/null
        kill %1 2>/dev/null || kill $!
        rm -rf "$folder"
        """#
}
