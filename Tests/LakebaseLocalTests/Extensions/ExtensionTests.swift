//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres

@Suite("Report on extensions") struct LocalExtensionsTests {
    @Test func `the report says what is here, what is missing and what brings it`() throws {
        let installation = PostgresInstallation(
            binFolder: "/b", shareFolder: "/s", libFolder: "/l", version: "17.1", major: 17)
        let installed = [
            "bloom": ExtensionControl("default_version = '1.0'"),
            "postgis_topology": ExtensionControl("default_version = '3.5'"),
        ]
        let report = LocalExtensions(installation, installed: installed)
        func entry(_ name: String) throws -> LocalExtensions.Extension {
            try #require(report.extensions.first { $0.name == name })
        }
        #expect(try entry("bloom") == .init(name: "bloom", state: .available, version: "1.0"))
        #expect(try entry("databricks_auth").state == .available)
        #expect(try entry("postgis_topology").state == .restricted)
        #expect(try entry("vector").state == .missing)
        #expect(try entry("vector").package?.contains("pgvector") == true)
        for name in ["pg_graphql", "lakebase_vector", "lakebase_text"] {
            #expect(try entry(name).state == .missing && entry(name).package == nil, "\(name)")
        }
        // What nobody has looked at is not run as the superuser.
        #expect(!ServiceExtension.trusted.contains("lakebase_vector"))
    }
}

extension WholeLakebaseTests {
    @Suite("Extensions of the service", .serialized) struct ServiceExtensionTests {
        @Test func `what the service offers is created by who may create in the database, and nothing else is`()
            async throws
        {
            try await Fixture.with { fixture in
                let installation = try await InstalledServers.find().newest
                let installed = installation.extensions()
                let report = LocalExtensions(installation, installed: installed)
                let available = report.extensions.filter { $0.state == .available }.map(\.name)
                #expect(available.contains("pg_stat_statements") && available.contains("earthdistance"))
                _ = try await fixture.sql("CREATE SCHEMA tools")
                for name in available {
                    _ = try await fixture.sql("CREATE EXTENSION IF NOT EXISTS \"\(name)\" CASCADE")
                }
                let created = try await fixture.sql("SELECT extname FROM pg_extension")
                #expect(Set(created.split(separator: "\n").map(String.init)).isSuperset(of: available))
                let superuser = try await fixture.sql(
                    "SELECT bool_and(NOT rolsuper) FROM pg_roles WHERE rolname = current_user")
                #expect(superuser == "t")
                for (name, control) in installed where !ServiceExtension.trusted.contains(name) && !control.isTrusted {
                    let refused = try await fixture.psql("CREATE EXTENSION \"\(name)\"")
                    #expect(refused.status != 0 && refused.text.contains("42501"), "\(name): \(refused.text)")
                }
            }
        }

        @Test func `an app creates them too, and statements are counted, without those that set passwords`()
            async throws
        {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE SCHEMA mine; CREATE EXTENSION bloom SCHEMA mine", as: .app)
                _ = try await fixture.sql("CREATE EXTENSION pg_stat_statements")
                _ = try await fixture.sql("SELECT 4711 AS counted; CREATE ROLE secretive PASSWORD 'canary-4711'")
                let counted = try await fixture.sql(
                    "SELECT count(*) > 0 FROM pg_stat_statements WHERE query LIKE '%AS counted%'")
                #expect(counted == "t")
                let seen = try await fixture.sql("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%canary%'")
                #expect(seen == "0")
            }
        }
    }

    @Suite("Unlogged tables", .serialized) struct UnloggedTableTests {
        @Test func `sleep empties them and nothing else`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql(
                    """
                    CREATE TABLE logged (i int PRIMARY KEY); INSERT INTO logged SELECT generate_series(1, 5000);
                    CREATE UNLOGGED TABLE unlogged (i int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text);
                    INSERT INTO unlogged (t) SELECT repeat('x', 5000) FROM generate_series(1, 2000);
                    CREATE UNLOGGED TABLE became (i int); INSERT INTO became VALUES (7); ALTER TABLE became SET LOGGED;
                    CREATE TABLE was (i int); INSERT INTO was VALUES (7); ALTER TABLE was SET UNLOGGED;
                    """)
                // With forks for free space and visibility, too.
                _ = try await fixture.sql("VACUUM unlogged")
                #expect(try await fixture.sql("SELECT count(*) FROM unlogged") == "2000")
                for _ in 0..<2 {
                    await fixture.lakebase.suspendCompute()
                    await fixture.lakebase.wait(for: .idle)
                    #expect(try await fixture.sql("SELECT count(*) FROM unlogged") == "0")
                    #expect(try await fixture.sql("SELECT count(*), sum(i) FROM logged") == "5000|12502500")
                    #expect(try await fixture.sql("SELECT i FROM became") == "7")
                    #expect(try await fixture.sql("SELECT count(*) FROM was") == "0")
                    // Table, index and sequence work as new.
                    #expect(try await fixture.sql("INSERT INTO unlogged (t) VALUES ('a') RETURNING i") == "1")
                    #expect(
                        try await fixture.sql("SET enable_seqscan = off; SELECT t FROM unlogged WHERE i = 1") == "a")
                }
                // A branch is a compute of its own.
                let dev = try await fixture.branch("dev")
                #expect(try await fixture.sql("SELECT count(*) FROM unlogged", on: dev) == "0")
                #expect(try await fixture.sql("SELECT count(*) FROM logged", on: dev) == "5000")
                #expect(try await fixture.sql("SELECT count(*) FROM unlogged") == "1")
            }
        }
    }
}

@Suite("Certificates for Node.js") struct NodeCertificateTests {
    @Test func `what the user trusts stays trusted, and what cannot be used is left out`() throws {
        let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-node.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (directory, _) = try DataDirectory.open(path: folder + "/data")
        let own = try CertificateAuthority.load(from: directory).pem
        let theirs = folder + "/theirs.pem"
        for given in [nil, "", theirs, directory.certificateFile] {
            #expect(try NodeCertificates.file(in: directory, given: given) == directory.certificateFile)
        }
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: theirs))
        #expect(try NodeCertificates.file(in: directory, given: theirs) == directory.certificateFile)
        let other = try CertificateAuthority(now: Date()).pem
        try Data(other.utf8).write(to: URL(fileURLWithPath: theirs))
        let merged = try NodeCertificates.file(in: directory, given: theirs)
        #expect(merged == directory.nodeCertificateFile)
        let text = try String(contentsOfFile: merged, encoding: .utf8)
        #expect(text.contains(own) && text.contains(other))
        // A run inside of another's environment has that one's file.
        #expect(try NodeCertificates.file(in: directory, given: merged) == directory.certificateFile)
    }
}
