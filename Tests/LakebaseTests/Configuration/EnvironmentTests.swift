//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Secrets
import Testing

@testable import Lakebase

@Suite("Configuration from the environment")
struct EnvironmentTests {
    static let endpoint = "projects/p/branches/b/endpoints/e"
    static let workspace = [
        "DATABRICKS_HOST": "https://dbc-1.cloud.databricks.com", "DATABRICKS_TOKEN": "dapi0",
        "DATABRICKS_CONFIG_FILE": "/nonexistent/databrickscfg",
    ]

    /// Never the process's own environment, and no configuration file.
    private func configuration(
        _ environment: [String: String], workspace: Bool = true
    ) throws -> LakebaseConfiguration {
        let base = workspace ? Self.workspace : ["HOME": "/nonexistent"]
        return try LakebaseConfiguration.fromEnvironment(base.merging(environment) { $1 })
    }

    private func problems(
        _ environment: [String: String], workspace: Bool = true, pool: PQPoolConfiguration = PQPoolConfiguration()
    ) -> [LakebaseConfigurationError.Problem] {
        let base = workspace ? Self.workspace : ["HOME": "/nonexistent"]
        do {
            _ = try LakebaseConfiguration.fromEnvironment(base.merging(environment) { $1 }, pool: pool)
            return []
        } catch {
            return error.problems
        }
    }

    private func text(_ target: LakebaseConfiguration.Target) -> String {
        switch target {
        case .autoscaling(let endpoint, let host): "autoscaling \(endpoint ?? "-") \(host ?? "-")"
        case .provisioned(let instance, let host): "provisioned \(instance ?? "-") \(host ?? "-")"
        case .postgres(let host, let password): "postgres \(host) \(password == nil ? "-" : "password")"
        }
    }

    // MARK: Which database

    @Test(arguments: [
        (["LAKEBASE_ENDPOINT": endpoint], "autoscaling \(endpoint) -"),
        (["LAKEBASE_ENDPOINT_NAME": endpoint], "autoscaling \(endpoint) -"),
        (["ENDPOINT_NAME": endpoint], "autoscaling \(endpoint) -"),
        (["LAKEBASE_ENDPOINT": endpoint, "ENDPOINT_NAME": endpoint], "autoscaling \(endpoint) -"),
        (["LAKEBASE_ENDPOINT": endpoint, "PGHOST": "h"], "autoscaling \(endpoint) h"),
        (["LAKEBASE_ENDPOINT": endpoint, "PGHOST": "h", "LAKEBASE_PG_HOST": "i"], "autoscaling \(endpoint) i"),
        (["LAKEBASE_TYPE": "autoscaling", "LAKEBASE_ENDPOINT": endpoint], "autoscaling \(endpoint) -"),
        (["LAKEBASE_TYPE": "autoscaling", "PGHOST": "h"], "autoscaling - h"),
        (["LAKEBASE_TYPE": "autoscaling", "LAKEBASE_PG_HOST": "h"], "autoscaling - h"),
        (["PGHOST": "h"], "autoscaling - h"),
        (
            ["PGHOST": "ep-1.database.us-east-1.cloud.databricks.com"],
            "autoscaling - ep-1.database.us-east-1.cloud.databricks.com"
        ),
        (["LAKEBASE_INSTANCE": "i"], "provisioned i -"),
        (["LAKEBASE_INSTANCE_NAME": "i"], "provisioned i -"),
        (["LAKEBASE_INSTANCE": "i", "PGHOST": "h"], "provisioned i h"),
        (["LAKEBASE_TYPE": "provisioned", "LAKEBASE_INSTANCE": "i"], "provisioned i -"),
        (["LAKEBASE_TYPE": "provisioned", "PGHOST": "h"], "provisioned - h"),
        (["LAKEBASE_TYPE": "provisioned", "LAKEBASE_INSTANCE": "i", "LAKEBASE_ENDPOINT": endpoint], "provisioned i -"),
        (
            ["LAKEBASE_TYPE": "autoscaling", "LAKEBASE_INSTANCE": "i", "LAKEBASE_ENDPOINT": endpoint],
            "autoscaling \(endpoint) -"
        ),
        (
            ["PGHOST": "instance-0a.database.cloud.databricks.com"],
            "provisioned - instance-0a.database.cloud.databricks.com"
        ),
        (["PGPASSWORD": "x", "PGHOST": "h"], "postgres h password"),
        (["PGPASSWORD": "x", "PGHOST": "h", "LAKEBASE_ENDPOINT": endpoint], "postgres h password"),
        (["PGPASSWORD": "x", "LAKEBASE_PG_HOST": "h", "LAKEBASE_INSTANCE": "i"], "postgres h password"),
        (["PGPASSWORD": "x"], "postgres localhost password"),
        (["DATABASE_URL": "postgresql://ann:pw@db:6432/app"], "postgres db password"),
        (["DATABASE_URL": "postgresql://ann@db/app", "LAKEBASE_ENDPOINT": endpoint], "postgres db -"),
        (["DATABASE_URL": "postgresql://ann@db/app", "PGHOST": "h", "LAKEBASE_TYPE": "nonsense"], "postgres db -"),
        ([:], "postgres localhost -"),
        (["LAKEBASE_ENDPOINT": "", "PGHOST": "", "LAKEBASE_TYPE": "", "DATABASE_URL": ""], "postgres localhost -"),
    ])
    func `the database is found`(environment: [String: String], target: String) throws {
        let configuration = try self.configuration(environment)
        #expect(self.text(configuration.target) == target)
        #expect(configuration.usesTokens == !target.hasPrefix("postgres"))
        #expect((configuration.workspace != nil) == configuration.usesTokens)
        #expect(configuration.tls == .verifyFull || !configuration.usesTokens)
    }

    @Test(arguments: [
        ([:], "postgres localhost -"),
        (["PGHOST": "h"], "postgres h -"),
        (["PGHOST": "h", "PGPASSWORD": "x"], "postgres h password"),
    ])
    func `without a workspace it is an ordinary PostgreSQL`(environment: [String: String], target: String) throws {
        #expect(self.text(try self.configuration(environment, workspace: false).target) == target)
    }

    // MARK: The other settings

    @Test func `the platform's variables are taken`() throws {
        let configuration = try self.configuration([
            "LAKEBASE_ENDPOINT": Self.endpoint, "PGHOST": "h", "PGPORT": "6432", "PGDATABASE": "app", "PGUSER": "ann",
            "PGAPPNAME": "notes", "LAKEBASE_SCHEMA": "s",
        ])
        #expect(configuration.port == 6432 && configuration.database == "app" && configuration.username == "ann")
        #expect(configuration.applicationName == "notes" && configuration.schema == "s")
    }

    @Test func `the defaults of a Lakebase`() throws {
        let configuration = try self.configuration(["LAKEBASE_ENDPOINT": Self.endpoint])
        #expect(configuration.port == 5432 && configuration.database == "databricks_postgres")
        #expect(configuration.username == nil, "the identity that owns the token")
        #expect(configuration.tls == .verifyFull && configuration.rootCertificate == nil)
        #expect(configuration.schema == nil && configuration.applicationName == nil)
        #expect(configuration.notes == [])
    }

    @Test func `the defaults of an ordinary PostgreSQL are those of psql`() throws {
        let named = try self.configuration(["PGHOST": "h", "USER": "ann"], workspace: false)
        #expect(named.username == "ann" && named.database == "ann" && named.tls == .prefer && named.port == 5432)
        let nameless = try self.configuration(["PGHOST": "h"], workspace: false)
        #expect(nameless.username == "postgres" && nameless.database == "postgres")
        let both = try self.configuration(["PGHOST": "h", "USER": "x", "PGUSER": "ann"], workspace: false)
        #expect(both.username == "ann" && both.database == "ann")
    }

    @Test(arguments: ["1", "65535"])
    func `a port is a number`(port: String) throws {
        #expect(try self.configuration(["PGPORT": port]).port == Int(port))
    }

    @Test(arguments: ["0", "65536", "-1", "x", "5432x", " 5432", "5432.0", "99999999999999999999"])
    func `what is no port is refused`(port: String) {
        let problems = self.problems(["PGPORT": port])
        #expect(problems.map(\.setting) == ["PGPORT"])
        #expect(problems.first?.message == "is \"\(port)\"")
    }

    @Test(arguments: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])
    func `sslmode holds for passwords, and never weakens what a token is sent over`(mode: String) throws {
        let native = try self.configuration(["PGHOST": "h", "PGPASSWORD": "x", "PGSSLMODE": mode])
        #expect(native.tls.rawValue == mode)
        let minted = try self.configuration(["LAKEBASE_ENDPOINT": Self.endpoint, "PGSSLMODE": mode])
        #expect(minted.tls == .verifyFull)
        #expect(minted.notes.contains { $0.contains("PGSSLMODE is \(mode)") } == (mode != "verify-full"))
    }

    @Test func `an unknown sslmode is refused with the known ones`() {
        let problems = self.problems(["PGSSLMODE": "strict"])
        #expect(problems.map(\.setting) == ["PGSSLMODE"])
        #expect(problems.first?.remedy.contains("verify-full") == true)
    }

    @Test func `a password for one of Lakebase's hosts goes only to a verified server`() throws {
        let host = "ep-1.database.eastus2.azuredatabricks.net"
        #expect(try self.configuration(["PGHOST": host, "PGPASSWORD": "x"]).tls == .verifyFull)
        #expect(try self.configuration(["PGHOST": host, "PGPASSWORD": "x", "PGSSLMODE": "require"]).tls == .require)
    }

    @Test func `root certificates`() throws {
        #expect(try self.configuration(["PGSSLROOTCERT": "system"]).rootCertificate == nil)
        #expect(try self.configuration(["PGSSLROOTCERT": #filePath]).rootCertificate == #filePath)
        let problems = self.problems(["PGSSLROOTCERT": "/nonexistent/ca.pem"])
        #expect(problems.map(\.setting) == ["PGSSLROOTCERT"])
        #expect(problems.first?.message.contains("/nonexistent/ca.pem") == true)
    }

    @Test func `DATABASE_URL decides alone`() throws {
        let configuration = try self.configuration([
            "DATABASE_URL":
                "postgresql://ann:p%40ss@db:6432/app?sslmode=require&application_name=n&options=-c%20geqo%3Doff",
            "PGHOST": "h", "PGPORT": "nonsense", "PGUSER": "bob", "PGPASSWORD": "y", "LAKEBASE_TYPE": "provisioned",
            "LAKEBASE_SCHEMA": "s",
        ])
        guard case .postgres("db", let password?) = configuration.target else {
            Issue.record("\(configuration.target)")
            return
        }
        #expect(password == Secret("p@ss"))
        #expect(configuration.port == 6432 && configuration.username == "ann" && configuration.database == "app")
        #expect(configuration.tls == .require && configuration.applicationName == "n")
        #expect(configuration.startupOptions == "-c geqo=off" && configuration.schema == "s")
        #expect(
            configuration.notes == [
                "DATABASE_URL is set: it decides alone, and LAKEBASE_TYPE, PGHOST, PGPORT, PGUSER, PGPASSWORD are ignored"
            ])
    }

    @Test func `an address is where to connect, and the name is the host's all the same`() throws {
        for (environment, host) in [
            (["DATABASE_URL": "host=db.example.com hostaddr=10.0.0.1 user=ann"], "db.example.com"),
            (["DATABASE_URL": "postgresql://ann@db.example.com/app?hostaddr=10.0.0.1"], "db.example.com"),
            (["PGHOST": "db.example.com", "PGHOSTADDR": "10.0.0.1", "PGPASSWORD": "x"], "db.example.com"),
            (["PGHOSTADDR": "10.0.0.1", "PGPASSWORD": "x"], "10.0.0.1"),
            (["PGHOSTADDR": "10.0.0.1"], "10.0.0.1"),
        ] {
            let configuration = try LakebaseConfiguration.fromEnvironment(environment)
            guard case .postgres(host, _) = configuration.target else {
                Issue.record("\(environment): \(configuration.target)")
                continue
            }
            #expect(configuration.hostAddress == "10.0.0.1", "\(environment)")
            let connection = configuration.connection(host: host, username: "ann")
            #expect(connection.host == host && connection.hostAddress == "10.0.0.1")
        }
        // An address alone, as libpq has it, is the host of a string.
        #expect(
            try LakebaseConfiguration.fromEnvironment(["DATABASE_URL": "hostaddr=10.0.0.1 user=ann"]).hostAddress == nil
        )
        let looked = try self.configuration(["LAKEBASE_ENDPOINT": Self.endpoint, "PGHOSTADDR": "10.0.0.1"])
        guard case .autoscaling(Self.endpoint, nil) = looked.target else {
            Issue.record("\(looked.target)")
            return
        }
        #expect(looked.hostAddress == "10.0.0.1" && looked.tls == .verifyFull)
        let problems = self.problems(["PGHOSTADDR": "db.example.com", "PGPASSWORD": "x", "PGHOST": "h"])
        #expect(problems.map(\.setting) == ["PGHOSTADDR"])
        #expect(problems.first?.remedy.contains("numeric address") == true)
    }

    @Test(arguments: [
        "postgresql://canary5c7e@[::1", "postgresql://ann:canary5c7e@h:99999/db", "canary5c7e",
        "postgresql://:canary5c7e@h/db", "postgresql://ann:canary5c7e@a,b/db?port=1,2,3",
        "postgresql://ann:canary5c7e@h/db?replication=database", "postgresql://ann:canary5c7e@h/db?sslmode=nonsense",
        "host=h hostaddr=10.0.0.x user=ann password=canary5c7e", "host=h user= password=canary5c7e",
        "postgresql://ann:canary5c7e@h/db?pgbouncer=true", "postgresql://ann:canary5c7e@h/db?sslnegotiation=never",
    ])
    func `a DATABASE_URL that cannot be used is refused and not repeated`(url: String) {
        let problems = self.problems(["DATABASE_URL": url])
        #expect(problems.map(\.setting) == ["DATABASE_URL"])
        #expect(problems.first?.remedy.isEmpty == false)
        #expect(!everythingPrintable(of: LakebaseConfigurationError(problems: problems)).contains("canary5c7e"))
    }

    // MARK: What is said about it

    @Test(arguments: [
        ([:], "nothing is configured: using the PostgreSQL on this machine"),
        (["PGHOST": "h"], "no endpoint is set: the endpoint of h will be looked up"),
        (
            ["PGHOST": "instance-0.database.cloud.databricks.com"],
            "no instance is set: the instance of instance-0.database.cloud.databricks.com will be looked up"
        ),
        (["ENDPOINT_NAME": endpoint], "taking LAKEBASE_ENDPOINT from ENDPOINT_NAME"),
        (["LAKEBASE_ENDPOINT_NAME": endpoint], "taking LAKEBASE_ENDPOINT from LAKEBASE_ENDPOINT_NAME"),
        (["LAKEBASE_INSTANCE_NAME": "i"], "taking LAKEBASE_INSTANCE from LAKEBASE_INSTANCE_NAME"),
        (
            ["LAKEBASE_ENDPOINT": endpoint, "PGHOST": "h", "PGPASSWORD": "x"],
            "PGPASSWORD is set: it is used as it is, and no credential is minted"
        ),
    ])
    func `a guess is remarked upon`(environment: [String: String], note: String) throws {
        #expect(try self.configuration(environment).notes == [note])
    }

    @Test func `a host without a workspace is remarked upon`() throws {
        let notes = try self.configuration(["PGHOST": "h"], workspace: false).notes
        #expect(notes == ["PGHOST is set without an endpoint and without a workspace: an ordinary PostgreSQL"])
    }

    // MARK: Problems

    @Test(arguments: [
        (["LAKEBASE_TYPE": "serverless", "PGHOST": "h"], ["LAKEBASE_TYPE"]),
        (["LAKEBASE_TYPE": "Autoscaling", "PGHOST": "h"], ["LAKEBASE_TYPE"]),
        (["LAKEBASE_TYPE": "serverless", "PGHOST": "h", "PGPASSWORD": "x"], ["LAKEBASE_TYPE"]),
        (["LAKEBASE_TYPE": "autoscaling"], ["LAKEBASE_ENDPOINT"]),
        (["LAKEBASE_TYPE": "autoscaling", "LAKEBASE_INSTANCE": "i"], ["LAKEBASE_ENDPOINT"]),
        (["LAKEBASE_TYPE": "provisioned"], ["LAKEBASE_INSTANCE"]),
        (["LAKEBASE_TYPE": "provisioned", "LAKEBASE_ENDPOINT": endpoint], ["LAKEBASE_INSTANCE"]),
        (["LAKEBASE_ENDPOINT": endpoint, "LAKEBASE_INSTANCE": "i"], ["LAKEBASE_TYPE"]),
        (["LAKEBASE_ENDPOINT": endpoint, "ENDPOINT_NAME": endpoint + "2"], ["ENDPOINT_NAME"]),
        (["LAKEBASE_ENDPOINT": endpoint, "LAKEBASE_ENDPOINT_NAME": endpoint + "2"], ["LAKEBASE_ENDPOINT_NAME"]),
        (["LAKEBASE_INSTANCE": "i", "LAKEBASE_INSTANCE_NAME": "j"], ["LAKEBASE_INSTANCE_NAME"]),
        (["LAKEBASE_ENDPOINT": endpoint, "PGPASSWORD": "x"], ["PGHOST"]),
        (["LAKEBASE_INSTANCE": "i", "PGPASSWORD": "x"], ["PGHOST"]),
    ])
    func `half or contradictory configurations are refused`(environment: [String: String], settings: [String]) {
        let problems = self.problems(environment)
        #expect(problems.map(\.setting) == settings)
        #expect(problems.allSatisfy { !$0.remedy.isEmpty && !$0.message.isEmpty })
    }

    @Test(arguments: [
        "e", "projects/p", "projects/p/branches/b/endpoints/", "projects//branches/b/endpoints/e",
        "projects/p/branches//endpoints/e", "projects/p/branches/b/endpoints/e/", "/projects/p/branches/b/endpoints/e",
        "projects/p/branch/b/endpoints/e", "projects/p/branches/b/endpoint/e", "projects/p/branches/b/endpoints/e/x/y",
    ])
    func `an endpoint has its full name`(endpoint: String) {
        for variable in ["LAKEBASE_ENDPOINT", "LAKEBASE_ENDPOINT_NAME", "ENDPOINT_NAME"] {
            let problems = self.problems([variable: endpoint])
            #expect(problems.map(\.setting) == [variable])
            #expect(problems.first?.remedy.contains("projects/…/branches/…/endpoints/…") == true)
        }
    }

    @Test(arguments: [
        ["LAKEBASE_ENDPOINT": endpoint], ["LAKEBASE_INSTANCE": "i"], ["LAKEBASE_TYPE": "autoscaling", "PGHOST": "h"],
        ["PGHOST": "ep-1.database.us-east-1.cloud.databricks.com"],
    ])
    func `tokens need a workspace`(environment: [String: String]) {
        let problems = self.problems(environment, workspace: false)
        #expect(problems.map(\.setting) == ["DATABRICKS_HOST"])
        #expect(problems.first?.remedy.contains("DATABRICKS_HOST") == true)
    }

    @Test func `half of a workspace is a problem too`() {
        let problems = self.problems(
            [
                "LAKEBASE_ENDPOINT": Self.endpoint, "DATABRICKS_HOST": "https://dbc-1.cloud.databricks.com",
                "DATABRICKS_CLIENT_ID": "id",
            ], workspace: false)
        #expect(problems.map(\.setting) == ["DATABRICKS_HOST"])
        #expect(problems.first?.remedy.contains("DATABRICKS_CLIENT_SECRET") == true)
    }

    @Test func `all problems are found at once, each on a line of its own with its fix`() {
        let problems = self.problems(
            [
                "LAKEBASE_TYPE": "x", "LAKEBASE_ENDPOINT": "e", "ENDPOINT_NAME": "f", "LAKEBASE_INSTANCE": "i",
                "LAKEBASE_INSTANCE_NAME": "j", "PGPORT": "y", "PGSSLMODE": "z", "PGSSLROOTCERT": "/nonexistent/ca",
            ], workspace: false, pool: PQPoolConfiguration(maximumConnections: 0))
        #expect(
            Set(problems.map(\.setting)) == [
                "LAKEBASE_TYPE", "LAKEBASE_ENDPOINT", "ENDPOINT_NAME", "LAKEBASE_INSTANCE_NAME", "PGPORT", "PGSSLMODE",
                "PGSSLROOTCERT", "DATABRICKS_HOST", "maximumConnections",
            ])
        #expect(Set(problems.map(\.setting)).count == problems.count, "each once")
        let lines = "\(LakebaseConfigurationError(problems: problems))".split(separator: "\n")
        #expect(lines.count == problems.count + 1)
    }

    @Test func `the pool's limits are kept and checked`() throws {
        let pool = PQPoolConfiguration(maximumConnections: 3)
        #expect(try LakebaseConfiguration.fromEnvironment(["HOME": "/nonexistent"], pool: pool).pool == pool)
        #expect(
            self.problems(["DATABASE_URL": "postgresql://a@h/d"], pool: PQPoolConfiguration(maximumConnections: 0))
                .map(\.setting) == ["maximumConnections"])
    }

    @Test(arguments: [
        (["PGCONNECT_TIMEOUT": "7"], Duration.seconds(7)),
        (["PGCONNECT_TIMEOUT": "1"], .seconds(2)),
        (["PGCONNECT_TIMEOUT": "0"], .seconds(3600)),
        (["DATABASE_URL": "postgresql://a@h/d?connect_timeout=3"], .seconds(3)),
        (["DATABASE_URL": "postgresql://a@h/d?connect_timeout=3", "PGCONNECT_TIMEOUT": "7"], .seconds(3)),
        (["DATABASE_URL": "postgresql://a@h/d?connect_timeout=10", "PGCONNECT_TIMEOUT": "7"], .seconds(10)),
        (["DATABASE_URL": "postgresql://a@h/d?connect_timeout=3", "LAKEBASE_POOL_CONNECT_TIMEOUT": "7s"], .seconds(3)),
        (["DATABASE_URL": "postgresql://a@h/d", "PGCONNECT_TIMEOUT": "7"], .seconds(7)),
        (["DATABASE_URL": "postgresql://a@h/d", "LAKEBASE_POOL_CONNECT_TIMEOUT": "500ms"], .milliseconds(500)),
        (["PGCONNECT_TIMEOUT": "7", "LAKEBASE_POOL_CONNECT_TIMEOUT": "8"], .seconds(8)),
        ([:], .seconds(10)),
    ])
    func `the environment's connect timeout counts`(environment: [String: String], expected: Duration) throws {
        #expect(try self.configuration(environment, workspace: false).pool.connectTimeout == expected)
    }

    @Test func `what the program wants of the pool holds where the environment says nothing`() throws {
        let pool = PQPoolConfiguration(maximumConnections: 3, connectTimeout: .seconds(5))
        let environment = ["HOME": "/nonexistent", "PGCONNECT_TIMEOUT": "10"]
        let found = try LakebaseConfiguration.fromEnvironment(environment, pool: pool)
        #expect(found.pool.connectTimeout == .seconds(10), "the default's value, and said all the same")
        #expect(found.pool.maximumConnections == 3)
        let entries = found.describe().entries
        #expect(entries.first { $0.name == "pool.connectTimeout" }?.source == .environment("PGCONNECT_TIMEOUT"))
        #expect(entries.first { $0.name == "pool.maximumConnections" }?.source == .program)
        #expect(entries.first { $0.name == "pool.idleTimeout" }?.source == .standard)
    }

    @Test func `a connect timeout that is none is a problem`() {
        for text in ["soon", "-1", "99999999999999999999"] {
            let problems = self.problems(["PGCONNECT_TIMEOUT": text], workspace: false)
            #expect(problems.map(\.setting) == ["PGCONNECT_TIMEOUT"])
        }
    }

    @Test func `only a host that was named on purpose may differ from the service's`() throws {
        let plain = try self.configuration(["LAKEBASE_ENDPOINT": Self.endpoint, "PGHOST": "h"])
        let override = try self.configuration(["LAKEBASE_ENDPOINT": Self.endpoint, "LAKEBASE_PG_HOST": "h"])
        #expect([plain.allowsOtherHosts, override.allowsOtherHosts] == [false, true])
    }
}
