//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Secrets
import Testing

@testable import Lakebase

@Suite("Several servers of a plain PostgreSQL")
struct SeveralServersTests {
    private func problems(_ environment: [String: String]) -> [LakebaseConfigurationError.Problem] {
        do {
            _ = try LakebaseConfiguration.fromEnvironment(environment)
            return []
        } catch {
            return error.problems
        }
    }

    private static let hosts: [PQConnection.Configuration.Host] = [
        .init("a", port: 1), .init("b", port: 2), .init("c", port: 3),
    ]

    @Test(arguments: [
        ["DATABASE_URL": "postgresql://ann:pw@a:1,b:2,c:3/app?target_session_attrs=standby&load_balance_hosts=random"],
        [
            "DATABASE_URL": "host=a,b,c port=1,2,3 user=ann password=pw dbname=app target_session_attrs=standby",
            "PGLOADBALANCEHOSTS": "random",
        ],
        [
            "PGHOST": "a,b,c", "PGPORT": "1,2,3", "PGUSER": "ann", "PGPASSWORD": "pw", "PGDATABASE": "app",
            "PGTARGETSESSIONATTRS": "standby", "PGLOADBALANCEHOSTS": "random",
        ],
    ])
    func `a list of servers reaches the driver, from a string and from libpq's variables`(
        environment: [String: String]
    ) throws {
        let configuration = try LakebaseConfiguration.fromEnvironment(environment)
        guard case .postgres("a", let password) = configuration.target else {
            Issue.record("\(configuration.target)")
            return
        }
        #expect(password == Secret("pw") && configuration.username == "ann" && configuration.database == "app")
        let connection = configuration.connection(host: "a", username: "ann")
        #expect(connection.hosts == Self.hosts && connection.targetSession == .standby)
        #expect(connection.loadBalancing == .random && configuration.notes.allSatisfy { !$0.contains("ignored") })
        let entry = configuration.describe().entries.first { $0.name == "additionalHosts" }
        #expect(entry?.value == "b:2, c:3")
    }

    @Test func `addresses may be a list, too, and one port is that of all`() throws {
        let configuration = try LakebaseConfiguration.fromEnvironment([
            "PGHOST": "a,b", "PGHOSTADDR": "10.0.0.1,10.0.0.2", "PGPORT": "7", "PGPASSWORD": "x",
        ])
        #expect(configuration.hostAddress == "10.0.0.1" && configuration.port == 7)
        #expect(configuration.additionalHosts == [.init("b", address: "10.0.0.2", port: 7)])
    }

    @Test func `libpq's other parameters reach the driver`() throws {
        let configuration = try LakebaseConfiguration.fromEnvironment([
            "DATABASE_URL": "postgresql://ann@db/app?channel_binding=require&sslcert=c&sslkey=k&sslpassword=canary5c7e"
        ])
        let connection = configuration.connection(host: "db", username: "ann")
        #expect(connection.libpqParameters == ["channel_binding": "require", "sslcert": "c", "sslkey": "k"])
        #expect(connection.keyPassphrase == Secret("canary5c7e"))
        #expect(!"\(configuration.describe())".contains("canary5c7e"))
    }

    @Test func `one host of Lakebase among them has every server verified`() throws {
        let url = "postgresql://a:b@db,ep-1.database.eastus2.azuredatabricks.net/d"
        #expect(try LakebaseConfiguration.fromEnvironment(["DATABASE_URL": url]).tls == .verifyFull)
        let variables = ["PGHOST": "db,ep-1.database.eastus2.azuredatabricks.net", "PGPASSWORD": "x"]
        #expect(try LakebaseConfiguration.fromEnvironment(variables).tls == .verifyFull)
    }

    @Test func `a token is never sent to a second host`() throws {
        let problems = self.problems(
            EnvironmentTests.workspace.merging(["LAKEBASE_ENDPOINT": EnvironmentTests.endpoint, "PGHOST": "a,b"]) { $1 }
        )
        #expect(problems.map(\.setting) == ["PGHOST"])
        #expect(problems.first?.message.contains("token") == true)
        var configuration = try LakebaseConfiguration.fromEnvironment(
            EnvironmentTests.workspace.merging(["LAKEBASE_ENDPOINT": EnvironmentTests.endpoint]) { $1 })
        configuration.additionalHosts = [.init("stranger")]
        #expect(configuration.problems(hasWorkspace: true).map(\.setting) == ["additionalHosts"])
        #expect(configuration.connection(host: "h", username: "u").hosts == [.init("h")])
    }

    @Test(arguments: [
        ["PGHOST": "a,b", "PGPORT": "1,2,3", "PGPASSWORD": "x"],
        ["PGHOST": "a,b", "PGHOSTADDR": "10.0.0.1", "PGPASSWORD": "x"],
        ["PGHOST": "a", "PGTARGETSESSIONATTRS": "writable", "PGPASSWORD": "x"],
        ["PGHOST": "a", "PGLOADBALANCEHOSTS": "round-robin", "PGPASSWORD": "x"],
        ["PGHOST": "a,b", "PGHOSTADDR": "10.0.0.1,nowhere", "PGPASSWORD": "x"],
    ])
    func `lists that do not fit each other are refused`(environment: [String: String]) {
        #expect(self.problems(environment).count == 1)
    }

    @Test func `other drivers get the list, too`() throws {
        var connection = PQConnection.Configuration(host: "a", port: 1, username: "ann", database: "app", tls: .require)
        connection.additionalHosts = [.init("::1", port: 2), .init("c", address: "10.0.0.3", port: 3)]
        connection.targetSession = .primary
        let parameters = LakebaseCredentials.DriverParameters(connection) { nil }
        for form in [LakebaseCredentials.DriverParameters.Form.connectionString, .url] {
            let text = try parameters.formatted(as: form)
            let read = try PQConnection.Configuration(connectionString: Secret(text))
            #expect(read.hosts == connection.hosts && read.targetSession == .primary, "\(text)")
        }
        let lines = try parameters.formatted(as: .environmentFile)
        #expect(lines.contains("PGHOST=a,::1,c\n") || lines.contains("PGHOST='a,::1,c'\n"), "\(lines)")
    }
}
