//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Logging
import Secrets
import Testing

@testable import Lakebase

@Suite("What is chosen in the place of the environment")
struct ConnectionOverridesTests {
    private static let here = "projects/p/branches/b/endpoints/e"
    private static let environment = [
        "LAKEBASE_ENDPOINT": here, "PGHOST": "here.example", "PGPASSWORD": "of here", "PGPORT": "5433",
        "PGUSER": "ann", "DATABRICKS_HOST": "https://here.example", "DATABRICKS_TOKEN": "t", "HOME": "/nonexistent",
        "DATABRICKS_CONFIG_FILE": "/nonexistent",
    ]
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func `nothing chosen changes nothing`() {
        #expect(ConnectionOverrides().environment(over: Self.environment) == Self.environment)
    }

    @Test func `another endpoint takes nothing along of the place that was`() async throws {
        var choice = ConnectionOverrides()
        choice.place = .endpoint("projects/p/branches/c/endpoints/f")
        choice.database = "other"
        choice.user = "bob"
        let configuration = try await choice.configuration(over: Self.environment, logger: Self.quiet)
        guard case .autoscaling(let endpoint, let host) = configuration.target else {
            Issue.record("\(configuration.target)")
            return
        }
        #expect(endpoint == "projects/p/branches/c/endpoints/f" && host == nil)
        #expect(configuration.port == 5433 && configuration.database == "other" && configuration.username == "bob")
    }

    @Test func `an instance takes the place of an endpoint, and of a connection string`() async throws {
        var choice = ConnectionOverrides()
        choice.place = .instance("i")
        var environment = Self.environment
        environment["DATABASE_URL"] = "postgresql://x:y@elsewhere/z"
        environment["LAKEBASE_TYPE"] = "autoscaling"
        let configuration = try await choice.configuration(over: environment, logger: Self.quiet)
        guard case .provisioned("i", nil) = configuration.target else {
            Issue.record("\(configuration.target)")
            return
        }
    }

    @Test func `a profile replaces the workspace and the account of the environment`() {
        var choice = ConnectionOverrides()
        choice.profile = "work"
        let changed = choice.environment(over: Self.environment)
        #expect(changed["DATABRICKS_CONFIG_PROFILE"] == "work" && changed["DATABRICKS_CONFIG_FILE"] == "/nonexistent")
        #expect(changed["DATABRICKS_HOST"] == nil && changed["DATABRICKS_TOKEN"] == nil && changed["PGUSER"] == nil)
        #expect(changed["LAKEBASE_ENDPOINT"] == Self.here)
    }

    @Test func `a branch is named in full, or by its id in the project of the environment or the choice`() throws {
        var choice = ConnectionOverrides()
        #expect(try choice.branchName("projects/x/branches/y", [:]) == "projects/x/branches/y")
        #expect(try choice.branchName("y", Self.environment) == "projects/p/branches/y")
        #expect(try choice.branchName("y", ["ENDPOINT_NAME": Self.here]) == "projects/p/branches/y")
        let error = #expect(throws: LakebaseError.self) { try choice.branchName("y", [:]) }
        #expect(error?.remedy?.contains("projects/…/branches/y") == true)
        #expect(throws: LakebaseError.self) { try choice.branchName("projects/x", Self.environment) }
        #expect(throws: LakebaseError.self) { try choice.branchName("projects//branches/y", Self.environment) }
        choice.project = "q"
        #expect(try choice.branchName("y", Self.environment) == "projects/q/branches/y")
    }

    @Test func `a password file is good for its host, port and role, with every character in place`() throws {
        var connection = PQConnection.Configuration(host: "fe80::1", port: 5433, username: #"a:b\c"#, database: "d")
        let parameters = LakebaseCredentials.DriverParameters(connection, password: { nil })
        let text = try parameters.passwordFile(Secret(#"p:w\d"#)).withUnsafeValue { $0 }
        #expect(text == #"fe80\:\:1:5433:*:a\:b\\c:p\:w\\d"# + "\n")
        connection.host = "/run/postgresql"
        let socket = try LakebaseCredentials.DriverParameters(connection, password: { nil }).passwordFile(Secret("x"))
        let lines = socket.withUnsafeValue { $0.split(separator: "\n").count }
        #expect(lines == 2)
        #expect(throws: LakebaseCredentials.DriverParametersError.self) { try parameters.passwordFile(Secret("a\nb")) }
    }
}
