//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// Sleeping, waking, crashing and restarting, seen from outside.
extension WholeLakebaseTests {
    @Suite("Life", .serialized) struct LifecycleTests {
        @Test func `it sleeps when quiet, and the next login wakes it with all data`() async throws {
            // Longer than psql takes from its login to its statement, also on a busy machine.
            try await Fixture.with(.init(suspendAfter: .seconds(2))) { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 42 AS i")
                await fixture.lakebase.wait(for: .idle)
                #expect(try await fixture.sql("SELECT i FROM t") == "42")
                #expect(fixture.lakebase.counts.computeStarts == 2)
            }
        }

        @Test func `a statement that runs longer than the suspend delay is not cut`() async throws {
            try await Fixture.with(.init(suspendAfter: .seconds(2))) { fixture in
                let text = try await fixture.sql("SELECT 'done' FROM pg_sleep(5)")
                #expect(text == "done")
                #expect(fixture.lakebase.counts.computeStarts == 1)
            }
        }

        @Test func `an idle session is ended by the suspension with 57P01`() async throws {
            try await Fixture.with(.init(suspendAfter: .milliseconds(200))) { fixture in
                // psql waits in a shell command, outside of any statement, for as long as its session lives.
                let output = try await fixture.psql("\\! sleep 1")
                #expect(output.status == 0)
                await fixture.lakebase.wait(for: .idle)
                #expect(await fixture.lakebase.computePhase == .idle)
            }
        }

        @Test func `a killed postmaster is replaced at the next login and nothing committed is lost`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT generate_series(1, 100) AS i")
                kill(try #require(await fixture.lakebase.postgresProcessID), SIGKILL)
                await fixture.lakebase.wait(for: .idle)
                #expect(try await fixture.sql("SELECT count(*) FROM t") == "100")
            }
        }

        @Test func `a data folder keeps everything, address, port and identities included`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            // As root, the server's user has to pass.
            try PrivateFile.setMode(folder, 0o755)
            let (first, credential) = try await Fixture.with(.init(dataDirectory: folder + "/data")) { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 7 AS i")
                return (fixture.ready, try await fixture.credential(.developer))
            }
            try await Fixture.with(.init(dataDirectory: folder + "/data")) { fixture in
                #expect(fixture.ready.workspaceID == first.workspaceID)
                #expect(fixture.ready.endpoints == first.endpoints)
                #expect(fixture.ready.host == first.host)
                #expect(fixture.ready.app == first.app && fixture.ready.developer == first.developer)
                // A token outlives a restart, as on the service.
                let output = try await fixture.psql("SELECT i FROM t", password: credential)
                #expect(output.text == "7")
            }
        }

        @Test func `a stop leaves no process, no socket and no temporary folder`() async throws {
            let (ready, process) = try await Fixture.with { fixture in
                _ = try await fixture.sql("SELECT 1")
                return (fixture.ready, try #require(await fixture.lakebase.postgresProcessID))
            }
            #expect(kill(process, 0) == -1)
            #expect(!FileManager.default.fileExists(atPath: ready.dataDirectory))
            let endpoint = LocalState.EndpointAddress(
                address: ready.endpoints[0].address, port: ready.endpoints[0].port
            )
            #expect(LoopbackAddress.probe(endpoint) == .free(port: endpoint.port))
        }

        @Test func `a port that is taken is an error that says so`() async throws {
            try await Fixture.with { fixture in
                let port = try #require(Int(fixture.ready.host.split(separator: ":")[2]))
                let second = try LocalLakebase(configuration: .init(listenPort: port), logger: Fixture.quiet)
                let error = await #expect(throws: LocalLakebaseError.self) { try await second.run() }
                #expect(error?.code == .addressInUse && error?.remedy != nil)
                await #expect(throws: LocalLakebaseError.self) { try await second.ready() }
            }
        }

        @Test func `settings that cannot work are refused at once`() {
            for configuration in [
                LocalLakebaseConfiguration(listenPort: 70_000), .init(tokenLifetime: .zero), .init(suspendAfter: .zero),
                .init(wakeDelay: .seconds(-1)), .init(listenHost: ""),
            ] {
                #expect(throws: LocalLakebaseError.self) {
                    try LocalLakebase(configuration: configuration, logger: Fixture.quiet)
                }
            }
        }
    }
}
