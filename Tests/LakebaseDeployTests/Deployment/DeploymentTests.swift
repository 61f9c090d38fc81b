//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import LakebaseDeploy
import LakebaseSchema
import StrictYAML
import Testing

@Suite("deployment.yaml")
struct DeploymentTests {
    static let small = """
        environments:
          development:
            app:
              name: notes-dev
            lakebase:
              generation: autoscaling
              project: notes
        """

    static let whole = """
        defaults:
          app:
            env: {LOG_LEVEL: info, RETRIES: 3}
          lakebase:
            generation: autoscaling
            project: notes
            schema: "Notes & \\"Quotes\\""
          migrations: db/migrations
        environments:
          development:
            profile: dev
            app:
              name: notes-dev
              description: Notes, for trying out
              source: ./app/../site
              command: python3 -m http.server $DATABRICKS_APP_PORT
              env:
                LOG_LEVEL: debug
                KEY: {valueFrom: api-key}
            lakebase:
              branch: development
              branch_from: {branch: production, ttl: 12h}
              capacity: 0.5..4
              app_access: migrator
              permissions:
                - user: me@example.com
                  access: developer
                - service_principal: 6C1A0F4E-2f6b-4d3c-9a55-0d8f3c1b7a10
                  access: readonly
                - group: data analysts
                  access:
                    schema: [usage]
                    table: [select]
                    sequence: all
          production:
            profile: prod
            app:
              name: notes
              swift: {product: notes, package: ../.., arguments: [serve, 8]}
            lakebase: {capacity: {min: 2, max: 18}}
            migrations: {folder: db/migrations, owner: notes owner}
          classic:
            app: {name: notes-classic}
            lakebase: {generation: provisioned, instance: Notes-DB, capacity: CU_4, database: My DB, resource: db}
        """

    private func read(_ text: String) throws(YAMLFileError) -> Deployment {
        try Deployment.read(text.utf8, file: "deployment.yaml", folder: "/home/me/notes/deploy")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try self.read(text)
            return []
        } catch {
            return error.problems.map { "\($0.place) \($0.message)" }
        }
    }

    /// The mistakes in an environment that has these lines in place of its own `lakebase`.
    private func problems(lakebase lines: String) -> [String] {
        self.problems(
            "environments:\n  e:\n    app: {name: a}\n    lakebase:\n"
                + lines.split(separator: "\n").map { "      \($0)\n" }.joined())
    }

    @Test func `what is not said has its default`() throws {
        let deployment = try self.read(Self.small)
        #expect(
            deployment.environments == [
                DeploymentEnvironment(
                    name: "development",
                    app: DeploymentApp(
                        name: "notes-dev", source: .folder(path: "/home/me/notes/deploy", command: nil)),
                    lakebase: DeploymentLakebase(
                        target: .autoscaling(.init(project: "notes", branch: "production")),
                        database: "databricks_postgres", schema: "app_data", resource: "postgres",
                        appAccess: .preset(.app)))
            ])
    }

    @Test func `everything that can be said is read`() throws {
        let whole = try self.read(Self.withoutDefaultsOfGeneration)
        let development = try whole.environment("development")
        #expect(development.profile == "dev" && development.title == "development")
        #expect(
            development.app
                == DeploymentApp(
                    name: "notes-dev", description: "Notes, for trying out",
                    source: .folder(
                        path: "/home/me/notes/deploy/site",
                        command: ["python3", "-m", "http.server", "$DATABRICKS_APP_PORT"]),
                    env: [
                        .init("LOG_LEVEL", .value("debug")), .init("KEY", .valueFrom("api-key")),
                        .init("RETRIES", .value("3")),
                    ]))
        #expect(
            development.lakebase
                == DeploymentLakebase(
                    target: .autoscaling(
                        .init(
                            project: "notes", branch: "development", capacity: try ComputeRange(0.5, 4),
                            origin: .init(branch: "production", ttl: .seconds(43200)))),
                    schema: "Notes & \"Quotes\"", appAccess: .preset(.migrator),
                    permissions: [
                        .init(.user("me@example.com"), .preset(.developer)),
                        .init(.servicePrincipal("6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"), .preset(.readonly)),
                        .init(
                            .group("data analysts"),
                            .privileges([
                                .schema: [.usage], .table: [.select], .sequence: [.usage, .select, .update],
                            ])),
                    ]))
        #expect(development.migrations == DeploymentMigrations(folder: "/home/me/notes/deploy/db/migrations"))

        let production = try whole.environment("production")
        #expect(
            production.app.source
                == .swift(.init(product: "notes", package: "/home/me", arguments: ["serve", "8"])))
        #expect(production.app.env == [.init("LOG_LEVEL", .value("info")), .init("RETRIES", .value("3"))])
        #expect(
            production.lakebase.target
                == .autoscaling(.init(project: "notes", capacity: try ComputeRange(2, 18))))
        #expect(production.migrations?.owner == "notes owner")

        let classic = try whole.environment("classic")
        #expect(
            classic.lakebase
                == DeploymentLakebase(
                    target: .provisioned(.init(instance: "Notes-DB", capacity: .cu4)), database: "My DB",
                    schema: "Notes & \"Quotes\"", resource: "db"))
    }

    /// ``whole`` with the project where it belongs.
    private static let withoutDefaultsOfGeneration = Self.whole
        .replacing("    generation: autoscaling\n    project: notes\n", with: "")
        .replacing(
            "      branch: development\n",
            with: "      generation: autoscaling\n      project: notes\n      branch: development\n"
        )
        .replacing(
            "lakebase: {capacity: {min", with: "lakebase: {generation: autoscaling, project: notes, capacity: {min")

    @Test func `defaults of one generation do not go with another`() {
        #expect(
            self.problems(Self.whole) == [
                "6:5 'project' belongs to generation autoscaling, and this is generation provisioned"
            ])
    }

    @Test func `an environment that is not there is answered with those that are`() throws {
        #expect(
            throws: DeploymentError(
                "there is no environment 'prod' in deployment.yaml", remedy: "choose one of these: development")
        ) {
            try self.read(Self.small).environment("prod")
        }
    }

    @Test func `every mistake at once, with line, column and suggestion`() {
        let found = self.problems(
            """
            enviroments: {}
            environments:
              1st: {}
              development:
                profil: dev
                app:
                  name: Notes_Dev
                  comand: x
                  env: {LAKEBASE_SCHEMA: x, PGHOST: y, DATABRICKS_TOKEN: z, OK: [1]}
                lakebase:
                  generation: autoscale
                  project: notes
              production:
                app: {name: 8080, swift: {product: a b}, source: /etc}
                lakebase:
                  generation: autoscaling
                  instance: x
                  capcity: 1
                  permissions: [{user: me, access: everything}, {group: x, user: y@z, access: app}, {access: app}]
                migrations: ../up
            """)
        #expect(
            found == [
                "1:1 there is no key 'enviroments' in deployment.yaml; did you mean 'environments'?",
                "3:3 '1st' cannot be the name of an environment: letters, digits, underscores and hyphens, a letter first",
                "3:8 an environment needs the key 'app': the app",
                "3:8 an environment needs the key 'lakebase': the database of the app",
                "5:5 there is no key 'profil' in an environment; did you mean 'profile'?",
                "7:13 'Notes_Dev' cannot be the name of an app: lowercase letters, digits and hyphens, and no hyphen at either end",
                "8:7 there is no key 'comand' in an app; did you mean 'command'?",
                "9:13 'LAKEBASE_SCHEMA' is set by the deployment, from 'lakebase'; leave it out",
                "9:33 'PGHOST' is set by the platform, from the database of the app; leave it out",
                "9:44 'DATABRICKS_TOKEN' is set by the platform; leave it out",
                "9:69 'OK' has to be a mapping with valueFrom, or the value of a variable, and is a list",
                "11:19 'generation' cannot be 'autoscale', only one of autoscaling, provisioned; did you mean 'autoscaling'?",
                "14:17 'name' has to be text, and is a number; put it in quotes: \"8080\"",
                "14:40 'a b' cannot be the name of a product: letters, digits, underscores, dots and hyphens",
                "14:46 'source' does not go with 'swift', which says what is uploaded and started",
                "16:7 lakebase (autoscaling) needs the key 'project': the id of the project, which is created if it does not exist",
                "17:7 'instance' belongs to generation provisioned, and this is generation autoscaling",
                "18:7 there is no key 'capcity' in lakebase (autoscaling); did you mean 'capacity'?",
                "19:28 'me' cannot be a user: it has 2 characters, and 3 to 63 are allowed",
                "19:40 'access' cannot be 'everything', only one of app, readonly, migrator, developer",
                "19:53 a permission needs only one of 'user' or 'service_principal' or 'group'",
                "19:89 a permission needs 'user' or 'service_principal' or 'group'",
                "20:17 the folder '../up' is outside the folder of the file; move the file, or the folder",
            ])
    }

    @Test(arguments: [
        ("capacity: 0.25..1", "'capacity': 0.25 is no capacity: give 0.5 to 64 compute units in steps of 0.5"),
        ("capacity: 4..2", "'capacity': the minimum 4 is greater than the maximum 2: exchange them"),
        (
            "capacity: 1..32",
            "'capacity': the maximum 32 is more than 16 units above the minimum 1: raise the minimum, or lower the maximum"
        ),
        ("capacity: {min: 1}", "a capacity needs the key 'max': the maximum number of units"),
        ("capacity: 65", "'capacity' has to be from 0.5 to 64"),
        ("capacity: CU_3", "'CU_3' cannot be a capacity: a range such as 0.5..4, or CU_1, CU_2, CU_4 or CU_8"),
        ("capacity: [1, 2]", "'capacity' has to be a mapping with min, max, or a number, or a capacity, and is a list"),
        (
            "branch: -x",
            "'-x' cannot be the id of a branch: lowercase letters, digits and hyphens, a letter first and no hyphen last"
        ),
        (
            "branch_from: {branch: dev}",
            "the branch 'production' is made with the project, from nothing; name another 'branch'"
        ),
        ("branch: dev\nbranch_from: {branch: dev}", "the branch 'dev' cannot be made from itself"),
        ("branch: dev\nbranch_from: {branch: main, ttl: 31d}", "'ttl' has to be more than 0 and at most 30d"),
        ("branch: dev\nbranch_from: {branch: main, ttl: 0s}", "'ttl' has to be more than 0 and at most 30d"),
        (
            "branch: dev\nbranch_from: {branch: main, ttl: 1w}",
            "'1w' cannot be a length of time: a number and s, m, h or d, such as 12h or 7d"
        ),
        ("schema: pg_temp", "the schema 'pg_temp' belongs to PostgreSQL; choose another one"),
        ("schema: ''", "the name of a schema cannot be empty"),
        ("schema: \"a\\0b\"", "the name of a schema cannot have a null character in it"),
        ("schema: ~", "'schema' has to be the name of a schema, and is nothing"),
        (
            "schema: ääääääääääääääääääääääääääääääää",
            "'ääääääääääääääääääääääääääääääää' cannot be the name of a schema: it has 64 bytes, and PostgreSQL keeps 63"
        ),
        ("app_access: {}", "no privilege is named; name one, or leave the permission out"),
        (
            "app_access: {table: [selct]}",
            "'table[1]' cannot be 'selct', only one of delete, insert, maintain, references, select, trigger, truncate, update; did you mean 'select'?"
        ),
        ("app_access: {tables: all}", "there is no key 'tables' in privileges; did you mean 'table'?"),
        (
            "permissions: [{group: x, access: app}, {group: x, access: readonly}]",
            "'x' has a permission already; put the two together"
        ),
        (
            "permissions: [{service_principal: my app, access: app}]",
            "'my app' cannot be a service principal: it has 6 characters, and it has to have 36"
        ),
    ])
    func `rules of the platform are rules of the file`(lines: String, problem: String) {
        let found = self.problems(lakebase: "generation: autoscaling\nproject: p\n\(lines)")
        #expect(found.map { $0.drop { $0 != " " }.dropFirst() } == [Substring(problem)])
    }

    @Test(arguments: [
        ("0.5..4", 0.5, 4), ("{min: 8, max: 16}", 8, 16), ("2", 2, 2), ("CU_8", 8, 8), ("48..64", 48, 64),
        ("1.5", 1.5, 1.5),
    ])
    func `a capacity can be written in several ways`(text: String, minimum: Double, maximum: Double) throws {
        let deployment = try self.read(Self.small + "\n      capacity: \(text)\n")
        let range = try ComputeRange(minimum, maximum)
        #expect(
            deployment.environments.first?.lakebase.target == .autoscaling(.init(project: "notes", capacity: range)))
    }

    @Test(arguments: [
        ("", "1:1 the file is empty; it needs the key 'environments'"),
        ("[]", "1:1 'deployment.yaml' has to be a mapping, and is a list"),
        ("environments: {}", "1:15 there has to be at least one environment"),
        ("environments:\n", "1:14 'environments' has to be a mapping, and is nothing"),
        ("defaults: 1\n" + small, "1:11 'defaults' has to be a mapping"),
        (small + "\n      project: other", "8:7 the same key more than once: 'project'; the first is in line 7"),
        (
            small + "\n    migrations: a/../../b",
            "8:17 the folder 'a/../../b' is outside the folder of the file; move the file, or the folder"
        ),
    ])
    func `a file that is none`(text: String, problem: String) {
        #expect(self.problems(text) == [problem])
    }

    @Test func `two environments that would deploy over each other are found`() {
        let text = Self.small.replacing("    app:", with: "    profile: x\n    app:")
        let twice =
            text + "\n" + text.replacing("environments:\n", with: "").replacing("development:", with: "staging:")
        #expect(
            self.problems(twice) == [
                "9:3 'staging' is the same app in the same workspace as 'development'; give it another name or profile"
            ])
    }

    @Test func `a file that is not there is an error with a remedy`() {
        #expect(throws: DeploymentError.self) { try Deployment.read(file: "/nowhere/deployment.yaml") }
    }
}
