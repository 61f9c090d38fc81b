//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import Foundation
import LakebaseDeploy
import LakebaseSchema

/// A folder with an app and its migrations, which goes away with its owner.
final class AppFolder: Sendable {
    let path: String

    /// A small app: a web server that answers with the text of a file and with what it finds in its environment.
    static let server = """
        import http.server, json, os
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                names = ["LAKEBASE_TYPE", "LAKEBASE_ENDPOINT", "LAKEBASE_INSTANCE", "LAKEBASE_SCHEMA", "PGUSER", "GREETING"]
                body = {"page": open("page.txt").read(), "env": {n: os.environ[n] for n in names if n in os.environ}}
                text = json.dumps(body, sort_keys=True).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            def log_message(self, *rest): pass
        http.server.HTTPServer(("127.0.0.1", int(os.environ["DATABRICKS_APP_PORT"])), Page).serve_forever()

        """

    init() throws {
        self.path = NSTemporaryDirectory() + "lakebase-deploy-" + UUID().uuidString
        try self.write("app/app.py", Self.server)
        try self.write("app/page.txt", "one")
        try self.write("app/static/style.css", "body { color: black }")
        try self.write("migrations/1_notes.sql", "CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY, text text);")
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: "\(self.path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(self.path)/\(name)") }

    /// An environment that runs the folder.
    func environment(
        _ target: DeploymentLakebase.Target, app: String = "notes", command: [String] = ["python3", "app.py"],
        permissions: [DeploymentPermission] = []
    ) -> DeploymentEnvironment {
        DeploymentEnvironment(
            name: "development",
            app: DeploymentApp(
                name: app, source: .folder(path: "\(self.path)/app", command: command),
                env: [.init("GREETING", .value("hello: 'world'"))]),
            lakebase: DeploymentLakebase(target: target, schema: "app_data", permissions: permissions),
            migrations: DeploymentMigrations(folder: "\(self.path)/migrations"))
    }

    /// What the environment is to be, with the files as they are now.
    func desired(_ environment: DeploymentEnvironment) async throws -> DesiredState {
        try await DesiredState.of(environment, stager: NoStager())
    }
}

extension DeploymentLakebase.Target {
    /// A new project, on its first branch.
    static func project(_ id: String = "notes") -> Self { .autoscaling(.init(project: id)) }
    /// A new instance.
    static func instance(_ name: String = "notes-db") -> Self { .provisioned(.init(instance: name, capacity: .cu1)) }
}
