//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Databricks
import Foundation
import NIOCore
import NIOHTTP1
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// A running local Lakebase with quick apps, and what tests do with them.
struct AppFixture: Sendable {
    let fixture: Fixture
    let client: WorkspaceClient

    private static let quick = PollingPolicy(step: .milliseconds(20), jitter: .zero ... .zero)

    static func configuration(folder: String? = nil) -> LocalLakebaseConfiguration {
        var configuration = LocalLakebaseConfiguration()
        configuration.dataDirectory = folder
        configuration.apps.startLimit = .seconds(60)
        configuration.apps.cacheFolder = "/tmp/lakebase-app-tests.\(getuid())"
        configuration.apps.stopGrace = .seconds(5)
        configuration.apps.firstWait = .milliseconds(50)
        configuration.apps.restartLimit = 2
        return configuration
    }

    static func with<Result: Sendable>(
        _ configuration: LocalLakebaseConfiguration = AppFixture.configuration(),
        _ body: @Sendable (AppFixture) async throws -> Result
    ) async throws -> Result {
        try await Fixture.with(configuration) { fixture in
            let client = WorkspaceClient(
                configuration: WorkspaceConfiguration(
                    // The same port answers both, and this trusts no local authority.
                    host: Setting(fixture.ready.host.replacing("https://", with: "http://"), from: .argument),
                    authentication: .personalToken(Setting(fixture.ready.developer.credential, from: .argument))),
                logger: Fixture.quiet)
            return try await body(AppFixture(fixture: fixture, client: client))
        }
    }

    func create(_ app: Apps.App) async throws -> Apps.App {
        try await self.client.apps.create(app).wait(polling: Self.quick)
    }

    /// Writes the files of an app into the workspace.
    func write(_ files: [String: String], to folder: String = "/Shared/app") async throws {
        try await self.client.workspace.mkdirs(folder)
        for (name, text) in files {
            try await self.client.workspace.import(
                Data(text.utf8), to: "\(folder)/\(name)", format: .raw, overwrite: true)
        }
    }

    /// Deploys these files, and waits for the end of that.
    @discardableResult
    func deploy(
        _ files: [String: String], to app: String = "notes", variables: [Apps.EnvironmentVariable]? = nil
    ) async throws -> Apps.Deployment {
        try await self.write(files)
        return try await self.client.apps.deploy(.init(sourceCodePath: "/Shared/app", envVars: variables), to: app)
            .wait(polling: Self.quick)
    }

    /// Deploys files that do not work, and returns what is said about them.
    func fail(_ files: [String: String], to app: String = "notes") async throws -> String {
        try await self.write(files)
        let pending = try await self.client.apps.deploy(.init(sourceCodePath: "/Shared/app"), to: app)
        let error = await #expect(throws: DatabricksError.self) { try await pending.wait(polling: Self.quick) }
        let last = try await self.client.apps.listDeployments(of: app).all().first
        #expect(last?.status?.state == .failed)
        #expect(error?.message.contains("FAILED") == true)
        return last?.status?.message ?? ""
    }

    func stop(_ app: String = "notes") async throws {
        _ = try await self.client.apps.stop(app).wait(polling: Self.quick)
    }
    func start(_ app: String = "notes") async throws {
        _ = try await self.client.apps.start(app).wait(polling: Self.quick)
    }
    func delete(_ app: String = "notes") async throws {
        try await self.client.apps.delete(app).wait(polling: Self.quick)
    }

    /// Waits until an app is in a state that fits.
    @discardableResult
    func wait(
        for app: String = "notes", _ fits: @Sendable (Apps.App) -> Bool
    ) async throws -> Apps.App {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let resource = try await self.client.apps.get(app)
            if fits(resource) { return resource }
            try #require(ContinuousClock.now < deadline, "\(String(describing: resource.appStatus))")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var text: String
    }

    /// Asks an app at its address.
    func visit(
        _ path: String, of app: String = "notes", method: String = "GET", headers: [String: String] = [:],
        body: ByteBuffer? = nil
    ) async throws -> Answer {
        let url = try #require(try await self.client.apps.get(app).url)
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let received = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" },
            text: String(buffer: received))
    }

    /// What an app has said.
    func log(_ app: String = "notes") async throws -> [LocalAppLog.Line] {
        let answer = try await self.fixture.http(
            "GET", "/local/apps/\(app)/logs?tail=1000", token: self.fixture.ready.developer.credential)
        return try LocalAppLog.decoder.decode(LocalAppLog.Page.self, from: answer.body).lines
    }

    /// An app that shows the files beside it.
    static let server = "command: [python3, -u, -m, http.server, --bind, 0.0.0.0, $DATABRICKS_APP_PORT]\n"
    /// The same with a shell before it.
    static func shell(_ script: String) -> String {
        "command:\n  - sh\n  - -c\n  - |\n"
            + (script + "\nexec python3 -u -m http.server --bind 0.0.0.0 $DATABRICKS_APP_PORT")
            .split(separator: "\n").map { "    \($0)\n" }.joined()
    }
}

/// Whether a process of that id is there.
func isAlive(_ processID: pid_t) -> Bool { kill(processID, 0) == 0 }

/// Whether a process of that id goes away, at most within `limit`.
func goesAway(_ processID: pid_t, within limit: Duration = .seconds(60)) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while isAlive(processID) {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(20))
    }
    return true
}
