//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import Logging
import Testing

/// A running local Lakebase for the length of a closure.
struct LocalStack: Sendable {
    let local: LocalLakebase
    let ready: LocalLakebase.Ready
    let logger: Logger

    /// The environment of an identity, with changes.
    func environment(
        _ identity: LocalLakebase.Identity = .app, _ changes: [String: String?] = [:]
    ) -> [String: String] {
        var variables = Dictionary(
            uniqueKeysWithValues: self.ready.environment(for: identity).map { ($0.name, $0.value) })
        // Keeps a configuration file of the user that runs the tests out of it.
        variables["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
        for (name, value) in changes { variables[name] = value }
        return variables
    }

    /// Runs a client of the local Lakebase for the length of `body`.
    func withClient<Value: Sendable>(
        _ identity: LocalLakebase.Identity = .app,
        pool: PQPoolConfiguration = PQPoolConfiguration(),
        changes: [String: String?] = [:],
        _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let configuration = try LakebaseConfiguration.fromEnvironment(
            self.environment(identity, changes), pool: pool.forBusyMachines)
        let client = try LakebaseClient(configuration: configuration, logger: self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body(client)
        }
    }
}

extension PQPoolConfiguration {
    /// With a minute for each login, unless another time is set: beside other tests a login may take longer than the ten seconds of the default.
    var forBusyMachines: Self {
        var pool = self
        if pool.connectTimeout == Self().connectTimeout { pool.connectTimeout = .seconds(60) }
        return pool
    }
}

/// Starts a local Lakebase, runs `body` and stops it again.
func withLocalLakebase<Value: Sendable>(
    _ configuration: LocalLakebaseConfiguration = .init(),
    logger: Logger = quietLogger,
    _ body: @Sendable (LocalStack) async throws -> Value
) async throws -> Value {
    let local = try LocalLakebase(configuration: configuration, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await local.run() }
        let result: Result<Value, any Error>
        do {
            let ready = try await local.ready()
            result = .success(try await body(LocalStack(local: local, ready: ready, logger: logger)))
        } catch {
            result = .failure(error)
        }
        group.cancelAll()
        try? await group.waitForAll()
        return try result.get()
    }
}

/// Says nothing below error.
let quietLogger: Logger = {
    var logger = Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .critical
    return logger
}()

/// Waits until a condition holds; fails the test when it does not within the time.
func eventually(
    within limit: Duration = .seconds(50), _ what: Comment, _ condition: @Sendable () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what)
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// A temporary folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        self.path = NSTemporaryDirectory() + "lakebase-integration-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}
