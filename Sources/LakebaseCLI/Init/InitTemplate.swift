//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The files of a new app, as they are in `Examples/Starter`: made by `InitTemplateTests`, not by hand.
enum InitTemplate {
    /// The name of the app in them.
    static let name = "starter-app"
    /// The name of the schema in them.
    static let schema = "starter_schema"
    /// The name of the module in them.
    static let module = "LakebaseStarter"
    /// What stands for lakebase-swift in the manifest.
    static let dependency = #".package(name: "lakebase-swift", path: "../..")"#

    /// The files, in the order of their paths.
    static let files: [Scaffold.File] = [
        Scaffold.File(
            path: ".env.example",
            text: ###"""
                # Not needed with `lakebase dev -- swift run starter-app`, which gives the program all of this.
                # To run the program on this machine against a Lakebase of Databricks: copy this to .env, fill it in, keep it to yourself.
                DATABRICKS_HOST=https://my-workspace.cloud.databricks.com
                DATABRICKS_TOKEN=
                LAKEBASE_ENDPOINT=projects/starter-app/branches/development/endpoints/primary
                LAKEBASE_SCHEMA=starter_schema

                """###),
        Scaffold.File(
            path: ".gitignore",
            text: ###"""
                .build/
                .lakebase/
                .env

                """###),
        Scaffold.File(
            path: "Package.swift",
            text: ###"""
                // swift-tools-version: 6.2

                import PackageDescription

                let package = Package(
                    name: "starter-app",
                    platforms: [.macOS(.v15)],
                    products: [.executable(name: "starter-app", targets: ["App"])],
                    dependencies: [
                        .package(name: "lakebase-swift", path: "../.."),
                        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
                        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
                    ],
                    targets: [
                        .executableTarget(
                            name: "App",
                            dependencies: [
                                .product(name: "Hummingbird", package: "hummingbird"),
                                .product(name: "Lakebase", package: "lakebase-swift"),
                                .product(name: "LakebaseSchema", package: "lakebase-swift"),
                                .product(name: "Logging", package: "swift-log"),
                            ]
                        ),
                        .testTarget(
                            name: "AppTests",
                            dependencies: [
                                "App",
                                .product(name: "Hummingbird", package: "hummingbird"),
                                .product(name: "HummingbirdTesting", package: "hummingbird"),
                                .product(name: "Lakebase", package: "lakebase-swift"),
                                .product(name: "LakebaseLocal", package: "lakebase-swift"),
                                .product(name: "LakebaseSchema", package: "lakebase-swift"),
                                .product(name: "Logging", package: "swift-log"),
                            ]
                        ),
                    ],
                    swiftLanguageModes: [.v6]
                )

                """###),
        Scaffold.File(
            path: "README.md",
            text: ###"""
                # starter-app

                A web page with a form, in Swift with Hummingbird. It stores its messages in Databricks Lakebase.

                You need Swift 6.3, pkg-config, the headers of libpq and SQLite 3, and PostgreSQL 15 or newer for the local Lakebase.

                ## Run it on this machine

                ```sh
                lakebase dev --data .lakebase -- swift run starter-app
                ```

                Open http://127.0.0.1:8080. `lakebase dev` runs a local Lakebase, which keeps its data in `.lakebase`.

                To run the tests:

                ```sh
                swift test
                ```

                They start a local Lakebase of their own, and log in with the identity and the privileges that the app has on Databricks.

                ## Deploy it to Databricks

                ```sh
                lakebase deploy plan --env development
                lakebase deploy apply --env development
                ```

                `plan` shows the changes, `apply` makes them. `deployment.yaml` describes the project, the database and the app. The migrations run
                before the app starts; the app itself only reads and writes rows.

                ## Files

                | file | contents |
                |---|---|
                | `Sources/App/Server.swift` | the start of the program: configuration, port, and migrations on this machine |
                | `Sources/App/Application.swift` | the routes |
                | `Sources/App/Messages.swift` | the queries |
                | `Sources/App/Page.swift` | the HTML page |
                | `migrations` | the tables; `lakebase migrate new` creates the next file |
                | `Tests/AppTests` | the tests |

                """###),
        Scaffold.File(
            path: "Sources/App/Application.swift",
            text: ###"""
                import Hummingbird
                import Lakebase
                import Logging

                /// Puts the page, the client of the database and the server together.
                ///
                /// The client is a service beside the server: it is there before the first request and ends after the last.
                func buildApplication(
                    lakebase: LakebaseClient, address: BindAddress, logger: Logger
                ) -> Application<RouterResponder<BasicRequestContext>> {
                    let messages = Messages(lakebase: lakebase)
                    let router = Router(context: BasicRequestContext.self)
                    router.get("/") { _, _ in Page(messages: try await messages.newest()) }
                    router.post("/") { request, context in
                        guard isFromOurPage(request) else { throw HTTPError(.forbidden) }
                        let form = try await URLEncodedFormDecoder().decode(MessageForm.self, from: request, context: context)
                        guard let text = form.trimmedText else {
                            return try Page(messages: try await messages.newest(), mistake: "Write 1 to 500 characters.")
                                .response(from: request, context: context)
                        }
                        try await messages.add(text)
                        return Response.redirect(to: "/", type: .normal)
                    }
                    router.get("/health") { _, _ in
                        try await lakebase.query("SELECT 1")
                        return "ok\n"
                    }
                    var application = Application(router: router, configuration: .init(address: address), logger: logger)
                    application.addServices(lakebase)
                    return application
                }

                /// What the form sends.
                struct MessageForm: Decodable {
                    var text: String

                    /// The text without spaces around it, if there are 1 to 500 characters of it.
                    var trimmedText: String? {
                        let text = self.text.drop(while: \.isWhitespace)
                        let trimmed = text.prefix(upTo: text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.startIndex)
                        return (1...500).contains(trimmed.count) ? String(trimmed) : nil
                    }
                }

                /// Browsers say where a form was; one of another site may not write here with the visitor's login.
                func isFromOurPage(_ request: Request) -> Bool {
                    guard let field = request.headers.first(where: { $0.name.canonicalName == "sec-fetch-site" }) else { return true }
                    return field.value == "same-origin" || field.value == "none"
                }

                """###),
        Scaffold.File(
            path: "Sources/App/Messages.swift",
            text: ###"""
                import Lakebase

                /// What visitors wrote.
                struct Message: Sendable, Hashable {
                    var id: Int
                    var text: String
                }

                /// The messages in the database; values become parameters of the statement, never part of its text.
                struct Messages: Sendable {
                    let lakebase: LakebaseClient

                    /// The newest first, at most 50.
                    func newest() async throws -> [Message] {
                        try await self.lakebase.query("SELECT id, text FROM messages ORDER BY id DESC LIMIT 50")
                            .decode((Int, String).self)
                            .map { Message(id: $0.0, text: $0.1) }
                    }

                    /// Keeps a message.
                    func add(_ text: String) async throws {
                        try await self.lakebase.query("INSERT INTO messages (text) VALUES (\(text))")
                    }
                }

                """###),
        Scaffold.File(
            path: "Sources/App/Page.swift",
            text: ###"""
                import Hummingbird

                /// The page: a form and what was written.
                struct Page: ResponseGenerator {
                    var messages: [Message]
                    var mistake: String?

                    var html: String {
                        let items = self.messages.map { "<li>\(Self.escaped($0.text))</li>" }.joined(separator: "\n")
                        let mistake = self.mistake.map { "<p role=\"alert\">\(Self.escaped($0))</p>" } ?? ""
                        return """
                            <!doctype html>
                            <html lang="en">
                            <meta charset="utf-8">
                            <meta name="viewport" content="width=device-width">
                            <title>starter-app</title>
                            <style>body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }</style>
                            <h1>starter-app</h1>
                            <form method="post" action="/">
                            <label>Message <input name="text" maxlength="500" required autofocus></label>
                            <button>Send</button>
                            </form>
                            \(mistake)
                            <ul>
                            \(items)
                            </ul>
                            </html>

                            """
                    }

                    func response(from request: Request, context: some RequestContext) throws -> Response {
                        Response(
                            status: self.mistake == nil ? .ok : .unprocessableContent,
                            headers: [.contentType: "text/html; charset=utf-8"],
                            body: .init(byteBuffer: ByteBuffer(string: self.html)))
                    }

                    /// Keeps what people type from becoming part of the page's code.
                    static func escaped(_ text: String) -> String {
                        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
                            .replacing("\"", with: "&quot;")
                    }
                }

                """###),
        Scaffold.File(
            path: "Sources/App/Server.swift",
            text: ###"""
                import Foundation
                import Hummingbird
                import Lakebase
                import LakebaseSchema
                import Logging

                /// Finds the database in the environment, and serves the page until it is told to stop.
                @main
                struct Server {
                    static func main() async {
                        let logger = Logger(label: "starter-app")
                        do {
                            try await Self.serve(ProcessInfo.processInfo.environment, logger)
                        } catch {
                            logger.error("\(error)")
                            exit(1)
                        }
                    }

                    private static func serve(_ environment: [String: String], _ logger: Logger) async throws {
                        var configuration = try LakebaseConfiguration.fromEnvironment()
                        configuration.schema = configuration.schema ?? "starter_schema"
                        let lakebase = try LakebaseClient(configuration: configuration, logger: logger)

                        // The platform names the port and expects the server on every interface; on this machine nobody else is to see it.
                        let port = environment["DATABRICKS_APP_PORT"].flatMap { Int($0) }
                        let address = BindAddress.hostname(port == nil ? "127.0.0.1" : "0.0.0.0", port: port ?? 8080)
                        var application = buildApplication(lakebase: lakebase, address: address, logger: logger)
                        if environment["DATABRICKS_APP_NAME"] == nil {
                            // On Databricks `lakebase deploy` has done this, as the owner of the schema.
                            application.beforeServerStarts {
                                try await Migrator(client: lakebase, logger: logger).up(
                                    MigrationFolder(path: "migrations").migrations())
                            }
                        }
                        try await application.runService()
                    }
                }

                """###),
        Scaffold.File(
            path: "Tests/AppTests/AppTests.swift",
            text: ###"""
                import Hummingbird
                import HummingbirdTesting
                import Logging
                import Testing

                @testable import LakebaseStarter

                @Suite("The page", .serialized)
                struct AppTests {
                    @Test func `a message that is sent is on the page`() async throws {
                        try await LocalDatabase.withClient { lakebase in
                            let app = buildApplication(
                                lakebase: lakebase, address: .hostname("127.0.0.1", port: 0), logger: Logger(label: "test"))
                            try await app.test(.router) { client in
                                try await client.execute(uri: "/health", method: .get) { response in
                                    #expect(response.status == .ok)
                                }
                                let form = "text=Hello+%3Cb%3Eworld%3C%2Fb%3E"
                                let headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
                                try await client.execute(uri: "/", method: .post, headers: headers, body: ByteBuffer(string: form)) {
                                    response in
                                    #expect(response.status == .seeOther)
                                }
                                try await client.execute(uri: "/", method: .get) { response in
                                    #expect(String(buffer: response.body).contains("<li>Hello &lt;b&gt;world&lt;/b&gt;</li>"))
                                }
                            }
                        }
                    }

                    @Test func `an empty message is refused, and nothing is kept`() async throws {
                        try await LocalDatabase.withClient { lakebase in
                            let app = buildApplication(
                                lakebase: lakebase, address: .hostname("127.0.0.1", port: 0), logger: Logger(label: "test"))
                            try await app.test(.router) { client in
                                let headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
                                try await client.execute(
                                    uri: "/", method: .post, headers: headers, body: ByteBuffer(string: "text=+++")
                                ) { response in
                                    #expect(response.status == .unprocessableContent)
                                    #expect(!String(buffer: response.body).contains("<li>"))
                                }
                            }
                        }
                    }
                }

                """###),
        Scaffold.File(
            path: "Tests/AppTests/LocalDatabase.swift",
            text: ###"""
                import Lakebase
                import LakebaseLocal
                import LakebaseSchema
                import Logging

                /// A Lakebase of the test's own, in this process, brought to the state that `lakebase deploy` leaves.
                enum LocalDatabase {
                    private static let migrations = #filePath.components(before: "/Tests/AppTests/") + "/migrations"

                    /// Hands over a client with the identity and the privileges that the app has on Databricks; it does not run yet.
                    static func withClient(_ body: @Sendable @escaping (LakebaseClient) async throws -> Void) async throws {
                        var logger = Logger(label: "test")
                        logger.logLevel = .warning
                        let quiet = logger
                        let local = try LocalLakebase(configuration: .init(), logger: quiet)
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask { try await local.run() }
                            let ready = try await local.ready()
                            let owner = Self.variables(ready, .developer)
                            let app = Self.variables(ready, .app)
                            try await Self.prepare(owner: owner, app: app["PGUSER"] ?? "", quiet)
                            var configuration = try LakebaseConfiguration.fromEnvironment(app)
                            configuration.schema = "starter_schema"
                            try await body(try LakebaseClient(configuration: configuration, logger: quiet))
                            group.cancelAll()
                        }
                    }

                    /// Runs the migrations as the owner, and gives the app what it needs and no more.
                    private static func prepare(owner: [String: String], app: String, _ logger: Logger) async throws {
                        let client = try LakebaseClient(configuration: .fromEnvironment(owner), logger: logger)
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask { await client.run() }
                            try await Migrator(client: client, logger: logger).up(MigrationFolder(path: self.migrations).migrations())
                            let grants = GrantManager(client: client)
                            try await grants.apply(
                                GrantSet(
                                    .app, role: app, database: try await grants.database(), schema: "starter_schema",
                                    creators: [owner["PGUSER"] ?? ""]))
                            group.cancelAll()
                        }
                    }

                    private static func variables(
                        _ ready: LocalLakebase.Ready, _ identity: LocalLakebase.Identity
                    ) -> [String: String] {
                        Dictionary(uniqueKeysWithValues: ready.environment(for: identity).map { ($0.name, $0.value) })
                    }
                }

                extension String {
                    fileprivate func components(before mark: String) -> String {
                        self.ranges(of: mark).last.map { String(self[..<$0.lowerBound]) } ?? "."
                    }
                }

                """###),
        Scaffold.File(
            path: "deployment.yaml",
            text: ###"""
                # What is deployed where. To see what would be done: lakebase deploy plan --env development
                defaults:
                  app:
                    swift: {product: starter-app}
                  lakebase:
                    generation: autoscaling
                    project: starter-app
                    schema: starter_schema
                  migrations: migrations
                environments:
                  development:
                    app:
                      name: starter-app-dev
                    lakebase:
                      branch: development
                      branch_from: {branch: production}
                      capacity: 0.5..2
                  production:
                    app:
                      name: starter-app
                    lakebase:
                      capacity: 1..4

                """###),
        Scaffold.File(
            path: "migrations/0001_create_messages.down.sql",
            text: ###"""
                DROP TABLE starter_schema.messages;

                """###),
        Scaffold.File(
            path: "migrations/0001_create_messages.sql",
            text: ###"""
                CREATE SCHEMA IF NOT EXISTS starter_schema;

                CREATE TABLE starter_schema.messages (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
                    created_at timestamptz NOT NULL DEFAULT now()
                );

                """###),
    ]
}
