//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// What libpq reads from the environment does not reach a connection whose configuration was made by hand.
@Suite("The environment")
struct EnvironmentTests {
    @Test func `none of libpq's variables reaches a connection`() async {
        // In a process of its own, since a process has one environment.
        await #expect(processExitsWith: .success) {
            let server = try TestServer.shared()
            func settings(_ configuration: PQConnection.Configuration) async throws -> [String] {
                let connection = try await PQConnection.connect(configuration, logger: quiet)
                let rows = try await connection.query(
                    """
                    SELECT name || '=' || setting FROM pg_settings
                    WHERE source NOT IN ('default', 'override', 'configuration file') OR name IN ('TimeZone', 'DateStyle', 'geqo')
                    ORDER BY name
                    """)
                let settings = try rows.decode(String.self)
                await connection.close()
                return settings
            }
            let before = (
                try await settings(server.socket), try await settings(server.tcp), try await settings(server.tls)
            )
            let variables = [
                "PGTZ": "Asia/Tokyo", "PGDATESTYLE": "German", "PGGEQO": "off", "PGOPTIONS": "-c work_mem=1MB",
                "PGAPPNAME": "stranger", "PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1",
                "PGUSER": "stranger", "PGDATABASE": "stranger", "PGPASSWORD": "wrong", "PGPASSFILE": "/nowhere",
                "PGREQUIREAUTH": "none", "PGCHANNELBINDING": "require", "PGSERVICE": "nowhere",
                "PGSERVICEFILE": "/nowhere", "PGSSLMODE": "verify-full", "PGREQUIRESSL": "1",
                "PGSSLNEGOTIATION": "direct", "PGSSLCERT": "/nowhere", "PGSSLKEY": "/nowhere",
                "PGSSLCERTMODE": "require", "PGSSLROOTCERT": "/nowhere", "PGSSLCRL": "/nowhere",
                "PGSSLCRLDIR": "/nowhere", "PGSSLSNI": "0", "PGREQUIREPEER": "nobody",
                "PGSSLMINPROTOCOLVERSION": "TLSv9", "PGSSLMAXPROTOCOLVERSION": "TLSv1", "PGGSSENCMODE": "require",
                "PGKRBSRVNAME": "stranger", "PGCONNECT_TIMEOUT": "x", "PGCLIENTENCODING": "LATIN1",
                "PGTARGETSESSIONATTRS": "standby", "PGLOADBALANCEHOSTS": "x", "PGMINPROTOCOLVERSION": "9",
                "PGMAXPROTOCOLVERSION": "1",
            ]
            for (name, value) in variables { setenv(name, value, 1) }
            let after = (
                try await settings(server.socket), try await settings(server.tcp), try await settings(server.tls)
            )
            #expect(before == after)
            #expect(
                !before.0.contains { $0.hasPrefix("application_name=") }, "the list has what a client sets: \(before.0)"
            )

            setenv("PGPASSWORD", TestServer.password, 1)
            var withoutPassword = server.tls
            withoutPassword.password = nil
            let error = try await pqError { try await PQConnection.connect(withoutPassword, logger: quiet) }
            #expect(error.code == .invalidConfiguration, "\(error)")

            var own = server.socket
            own.settings = ["TimeZone": "America/New_York", "geqo": "on"]
            own.applicationName = "own"
            let chosen = try await settings(own)
            #expect(
                chosen.contains("TimeZone=America/New_York") && chosen.contains("application_name=own"), "\(chosen)")
            for name in variables.keys { #expect(getenv(name) != nil, "\(name) is still there for others") }
        }
    }
}
