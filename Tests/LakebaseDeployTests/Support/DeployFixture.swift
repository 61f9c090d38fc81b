//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Lakebase
import LakebaseDeploy
import LakebaseLocal
import LakebaseSchema
import Logging
import Testing

/// A running local Lakebase, a deployer that works in it, and clients of what was deployed.
struct DeployFixture: Sendable {
    let local: LocalLakebase
    let ready: LocalLakebase.Ready

    static let logger: Logger = {
        var logger = Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .critical
        return logger
    }()

    /// Starts a local Lakebase, runs `body` and stops it again.
    static func with(_ body: @Sendable (DeployFixture) async throws -> Void) async throws {
        let local = try LocalLakebase(configuration: .init(operationDelay: .zero), logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await local.run() }
            let result: Result<Void, any Error>
            do {
                let ready = try await local.ready()
                result = .success(try await body(DeployFixture(local: local, ready: ready)))
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            try? await group.waitForAll()
            try result.get()
        }
    }

    var variables: [String: String] {
        var variables = Dictionary(
            uniqueKeysWithValues: self.ready.environment(for: .developer).map { ($0.name, $0.value) })
        variables["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
        return variables
    }

    /// Who deploys.
    var developer: String { self.ready.developer.userName }

    func workspace(
        _ transport: (any HTTPTransport)? = nil, limit: Duration = .seconds(2)
    ) throws -> WorkspaceClient {
        let configuration = try WorkspaceConfiguration.resolve(environment: self.variables)
        guard let transport else { return WorkspaceClient(configuration: configuration, logger: Self.logger) }
        return WorkspaceClient(
            configuration: configuration, transport: transport,
            retryPolicy: RetryPolicy(totalLimit: limit, attemptLimit: limit), logger: Self.logger)
    }

    func deployer(_ transport: (any HTTPTransport)? = nil, limit: Duration = .seconds(2)) throws -> Deployer {
        var options = Deployer.Options()
        options.rootCertificate = self.ready.certificateFile
        options.port = self.ready.endpoints.first?.port ?? 5432
        options.stepLimit = .seconds(90)
        options.runLimit = .seconds(60)
        options.polling = PollingPolicy(
            step: .milliseconds(10), limit: .milliseconds(100), jitter: .milliseconds(0) ... .milliseconds(5))
        return Deployer(workspace: try self.workspace(transport, limit: limit), options: options, logger: Self.logger)
    }

    /// Asks the database of an environment, as the developer.
    func query<Value: Sendable & PQDecodable>(
        _ environment: DeploymentEnvironment, _ query: PQQuery, as type: Value.Type = String.self
    ) async throws -> [Value] {
        let target: LakebaseConfiguration.Target =
            switch environment.lakebase.target {
            case .autoscaling(let place):
                .autoscaling(
                    endpoint: "projects/\(place.project)/branches/\(place.branch)/endpoints/primary", host: nil)
            case .provisioned(let place): .provisioned(instance: place.instance, host: nil)
            }
        let configuration = LakebaseConfiguration(
            target: target, port: self.ready.endpoints.first?.port ?? 5432, database: environment.lakebase.database,
            username: self.developer, rootCertificate: self.ready.certificateFile,
            workspace: try WorkspaceConfiguration.resolve(environment: self.variables))
        let client = try LakebaseClient(configuration: configuration, logger: Self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await client.query(query).decode(type)
        }
    }

    /// What an app answers at its address, once it does.
    func page(_ app: String) async throws -> String {
        let url = try #require(try await self.workspace().apps.get(app).url)
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            if let text = try? await Self.get(url) { return text }
            try #require(ContinuousClock.now < deadline, "\(url) does not answer")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @concurrent
    private static func get(_ url: String) async throws -> String {
        let answer = try await AsyncHTTPClientTransport(environment: [:]).send(
            TransportRequest(method: .get, url: url), maximumBody: 1 << 20)
        guard answer.status == 200 else { throw DeployError(.failed, "HTTP \(answer.status)") }
        return String(decoding: answer.body, as: UTF8.self)
    }
}

/// Builds nothing: the apps of these tests are folders.
struct NoStager: SourceStager {
    func stage(
        _ product: DeploymentApp.SwiftProduct, into folder: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String] {
        throw DeployError(.invalid, "no product is built here")
    }
}
