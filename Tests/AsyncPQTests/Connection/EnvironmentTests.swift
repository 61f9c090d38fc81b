//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import AsyncPQ

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
    @Test func `what other threads do to the environment while libpq is called is not lost`() async {
        await #expect(processExitsWith: .success) {
            @Sendable func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
            setenv("PGTZ", "Asia/Tokyo", 1)
            setenv("PGSERVICE", "nowhere", 1)
            for name in ["CHANGED", "REMOVED"] { setenv(name, "before", 1) }
            /// Calls what libpq is called with, while another thread does something.
            @Sendable func during(_ change: @escaping @Sendable () -> Void) {
                LibpqEnvironment.withoutVariables {
                    #expect(value("PGTZ") == nil && value("PGSERVICE") == nil)
                    let thread = Thread(block: change)
                    thread.start()
                    let deadline = ContinuousClock.now + .seconds(60)
                    while !thread.isFinished, ContinuousClock.now < deadline { usleep(100) }
                    #expect(thread.isFinished)
                }
                #expect(value("PGTZ") == "Asia/Tokyo" && value("PGSERVICE") == "nowhere")
            }
            for round in 0..<20 {
                // In place, one less, and in a list that was made anew.
                during { setenv("CHANGED", "\(round)", 1) }
                #expect(value("CHANGED") == "\(round)" && value("REMOVED") == "before")
                during { unsetenv("REMOVED") }
                #expect(value("REMOVED") == nil && value("CHANGED") == "\(round)")
                during { for number in 0..<50 { setenv("NEW_\(round)_\(number)", "new", 1) } }
                for number in 0..<50 { #expect(value("NEW_\(round)_\(number)") == "new") }
                // Nothing: the list that was there is back.
                during {}
                #expect(value("CHANGED") == "\(round)" && value("REMOVED") == nil)
                setenv("REMOVED", "before", 1)
                #expect(ProcessInfo.processInfo.environment.count { $0.key.hasPrefix("PG") } == 2)
            }
            // One that is set again meanwhile is the new one, once.
            LibpqEnvironment.withoutVariables { _ = setenv("PGTZ", "Europe/Berlin", 1) }
            #expect(value("PGTZ") == "Europe/Berlin" && value("PGSERVICE") == "nowhere")
            unsetenv("PGTZ")
            #expect(value("PGTZ") == nil)
            // A thread that reads meanwhile finds every other variable each time.
            setenv("PGTZ", "Asia/Tokyo", 1)
            let reader = Thread {
                while !Thread.current.isCancelled {
                    guard value("CHANGED") == "19", value("NEW_7_49") == "new" else { exit(9) }
                }
            }
            reader.start()
            for _ in 0..<300 { LibpqEnvironment.withoutVariables { #expect(value("PGTZ") == nil) } }
            reader.cancel()
            let deadline = ContinuousClock.now + .seconds(60)
            while !reader.isFinished, ContinuousClock.now < deadline { usleep(100) }
            #expect(reader.isFinished && value("PGTZ") == "Asia/Tokyo")
        }
    }
}
