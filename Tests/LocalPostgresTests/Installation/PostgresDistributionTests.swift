//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalGround
import Testing

@testable import LocalPostgres

@Suite("PostgreSQL installation and tree") struct PostgresDistributionTests {
    @Test(arguments: [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18"), ("postgres (PostgreSQL) 17.2", "17.2"),
        ("postgres (PostgreSQL) 18beta1", "18"),
    ]) func `versions are read`(text: String, version: String) {
        #expect(PostgresInstallation.version(in: text) == version)
    }

    @Test(arguments: ["", "postgres", "postgres (PostgreSQL)", "psql (PostgreSQL) x"])
    func `other text has no version`(text: String) {
        #expect(PostgresInstallation.version(in: text) == nil)
    }

    @Test(arguments: [
        (
            "/usr/lib/postgresql/15/bin", "/usr/share/postgresql/15", "/usr/lib/postgresql/15/lib",
            ["/lib/postgresql/15/bin", "/share/postgresql/15", "/lib/postgresql/15/lib"]
        ),
        (
            "/usr/local/pgsql/bin", "/usr/local/pgsql/share", "/usr/local/pgsql/lib", ["/bin", "/share", "/lib"]
        ),
        (
            "/opt/homebrew/Cellar/pg/17/bin", "/opt/homebrew/share/pg", "/opt/homebrew/lib/pg",
            ["/Cellar/pg/17/bin", "/share/pg", "/lib/pg"]
        ),
        ("/a/bin", "/b/share", "/c/lib", ["/a/bin", "/b/share", "/c/lib"]),
    ]) func `the tree keeps the paths between its folders`(bin: String, share: String, lib: String, layout: [String]) {
        let installation = PostgresInstallation(
            binFolder: bin, shareFolder: share, libFolder: lib, version: "1", major: 1
        )
        let found = PostgresDistribution.Layout(installation: installation)
        #expect([found.bin, found.share, found.lib] == layout)
    }

    @Test func `nothing found says where it was looked for and what to do`() async throws {
        let error = await #expect(throws: LocalLakebaseError.self) {
            try await InstalledServers.find(configured: ["/nowhere"])
        }
        #expect(error?.code == .postgresNotFound)
        #expect(error?.message.contains("/nowhere") == true)
        #expect(error?.remedy?.contains("script/setup") == true)
    }

    @Test func `a server's own file tells process and state`() {
        let text = "4711\n/data\n1700000000\n5432\n/run\n\n  1 2\nready   \n"
        #expect(PostmasterFile.parse(text) == PostmasterFile(processID: 4711, started: "1700000000", isReady: true))
        #expect(PostmasterFile.parse("4711\n/data\n17\n5432\n/run\n\n1 2\nstarting\n")?.isReady == false)
        for text in ["", "x\ny\nz", "-5\na\nb", "1\n2", "0\n1\n2\n"] { #expect(PostmasterFile.parse(text) == nil) }
    }

    @Test func `the bootstrap quotes names`() {
        let roles = BootstrapRoles(
            owner: "o\"neil@example.com", ownerMarker: DatabricksAuthExtension.userMarker,
            app: "0b5c1f0e-5d4e-4d7e-9a36-2f5a0b8f6c11")
        let text = BootstrapScript.text(roles: roles, major: 16)
        #expect(text.contains("CREATE ROLE \"o\"\"neil@example.com\" LOGIN"))
        #expect(text.hasSuffix(";\n\n"))
    }
}
