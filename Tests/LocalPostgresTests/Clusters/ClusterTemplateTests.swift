//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import LocalGround
import Secrets
import Testing

@testable import LocalPostgres

/// New clusters that are copies of one that `initdb` has made before.
extension RealServerTests {
    @Suite("Templates of clusters", .serialized) struct ClusterTemplateTests {
        private static let installation = Task { try await InstalledServers.find().newest }

        /// Makes a cluster with templates in a folder, and hands it to `body`.
        private static func withCluster(
            templates: String, _ body: (BranchDataDirectory) async throws -> Void
        ) async throws {
            let directory = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-compute.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let user = try ServerUser.resolve()
            // As root, PostgreSQL runs as another user, who has to pass through.
            if user.other != nil { try PrivateFile.setMode(directory, 0o711) }
            let (app, password) = (UUID().uuidString.lowercased(), UUID().uuidString.replacing("-", with: ""))
            let cluster = BranchDataDirectory(
                folder: directory + "/main", installation: try await Self.installation.value, user: user,
                administratorPassword: Secret(password))
            let roles = BootstrapRoles(
                owner: "developer@example.com", ownerMarker: DatabricksAuthExtension.userMarker, app: app)
            try await cluster.bootstrapIfNeeded(roles: roles, durable: false, templates: templates)
            try await body(cluster)
        }

        /// Starts a server on the cluster and logs in as the superuser.
        private static func administrator(_ cluster: BranchDataDirectory, password: Secret) async throws -> [String] {
            let sockets = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-test.XXXXXX")
            let trees = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-test.XXXXXX")
            defer { for folder in [sockets, trees] { try? FileManager.default.removeItem(atPath: folder) } }
            try PrivateFile.setMode(trees, 0o755)
            try cluster.user.own(sockets)
            let compute = Compute(
                settings: .init(
                    endpoint: "test",
                    launch: .init(
                        cluster: cluster, tree: try PostgresDistribution.open(in: trees, for: cluster.installation),
                        socketFolder: sockets, settings: []),
                    suspendAfter: .seconds(600), wakeDelay: .zero),
                logger: ComputeTests.quiet, hooks: .init(willStart: {}))
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await compute.run() }
                defer { group.cancelAll() }
                _ = try await compute.login()
                let connection = try await PQConnection.connect(
                    .init(
                        host: sockets, username: PostgresConventions.administrator,
                        database: PostgresConventions.database, password: password, connectTimeout: .seconds(60)),
                    logger: ComputeTests.quiet)
                let roles = try await connection.query(
                    "SELECT rolname::text FROM pg_roles WHERE rolcanlogin ORDER BY 1"
                )
                .decode(String.self)
                await connection.close()
                return roles
            }
        }

        /// The number that `initdb` gives a cluster, by which a copy is known.
        private static func identifier(_ cluster: BranchDataDirectory) throws -> Data {
            try #require(FileManager.default.contents(atPath: cluster.dataFolder + "/global/pg_control")).prefix(8)
        }

        private static func names(_ folder: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        }

        private static func withFolder(_ body: (String) async throws -> Void) async throws {
            let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-templates.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(folder + "/clusters")
        }

        @Test func `a second cluster is a copy of the first one's beginning, with roles and a password of its own`()
            async throws
        {
            try await Self.withFolder { templates in
                try await Self.withCluster(templates: templates) { first in
                    let kept = try Self.names(templates)
                    #expect(kept.count == 1 && kept[0].hasPrefix(first.installation.version))
                    let password = first.administratorPassword
                    let roles = try await Self.administrator(first, password: password)
                    #expect(roles.count > 2)
                    try await Self.withCluster(templates: templates) { second in
                        let (mine, theirs) = (try Self.identifier(second), try Self.identifier(first))
                        #expect(mine == theirs)
                        #expect(try Self.names(templates) == kept)
                        let others = try await Self.administrator(second, password: second.administratorPassword)
                        // The owner is the same, the app another.
                        #expect(others.count == roles.count && others != roles)
                        await #expect(throws: PQError.self) {
                            _ = try await Self.administrator(second, password: password)
                        }
                    }
                    // What a cluster became is not in the template.
                    let text = try Data(contentsOf: URL(fileURLWithPath: "\(templates)/\(kept[0])/data/global/1260"))
                    #expect(text.range(of: Data("databricks_superuser".utf8)) == nil)
                }
            }
        }

        @Test func `a template that lacks a file is made anew`() async throws {
            try await Self.withFolder { templates in
                try await Self.withCluster(templates: templates) { first in
                    let template = "\(templates)/\(try #require(Self.names(templates).first))"
                    try FileManager.default.removeItem(atPath: template + "/data/global/1260")
                    try await Self.withCluster(templates: templates) { second in
                        #expect(second.exists)
                        let (mine, theirs) = (try Self.identifier(second), try Self.identifier(first))
                        #expect(mine != theirs)
                        #expect(FileManager.default.fileExists(atPath: template + "/data/global/1260"))
                        try await Self.withCluster(templates: templates) { third in
                            let its = try Self.identifier(third)
                            #expect(its == mine)
                        }
                    }
                }
            }
        }

        @Test func `a folder that others can write to is not used, and none is no failure`() async throws {
            try await Self.withFolder { templates in
                try PrivateFile.createDirectories(templates, mode: 0o777)
                try await Self.withCluster(templates: templates) { cluster in
                    let names = try Self.names(templates)
                    #expect(cluster.exists && names.isEmpty)
                }
            }
            try await Self.withCluster(templates: "/dev/null/clusters") { #expect($0.exists) }
        }

        @Test func `templates that nobody used for long go, and those that were left half done`() async throws {
            try await Self.withFolder { templates in
                for name in ["old", "young"] {
                    try PrivateFile.createDirectories("\(templates)/\(name)", mode: 0o700)
                    try PrivateFile.write(Data(), to: "\(templates)/\(name)/complete")
                }
                try PrivateFile.createDirectory("\(templates)/x.1.new", mode: 0o700)
                let past: [FileAttributeKey: Any] = [.modificationDate: Date(timeIntervalSinceNow: -61 * 86_400)]
                for path in ["old/complete", "x.1.new"] {
                    try FileManager.default.setAttributes(past, ofItemAtPath: "\(templates)/\(path)")
                }
                ClusterTemplate.removeOld(in: templates, now: Date())
                let left = try Self.names(templates)
                #expect(left == ["young"])
            }
        }
    }
}
