//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalGround
import LocalWorkspace
import Logging
import NIOSSL
import Secrets

/// The environment in which the apps of a workspace run.
struct AppRuntime: Sendable {
    /// The functions of the registry that an app's supervisor uses.
    struct Surroundings: Sendable {
        /// What to run for a deployment, by its id.
        var order: @Sendable (String) async throws -> AppLauncher.Order
        /// Receives the results of deployments.
        var report: @Sendable (AppSupervisor.Report) async -> Void
        /// The app's status, as a sentence.
        var status: @Sendable () async -> String
        /// The scopes of the token with which the app acts on behalf of a visitor; `nil` if it does not.
        var visitorScopes: @Sendable () async -> [String]?
    }

    let fleet: AppFleet
    /// The folder of the folders of apps.
    let folder: String
    let listenHost: String
    /// The TLS of visitors; with it, the addresses of apps begin with `https://`.
    var tls: NIOSSLContext?
    let launcher: AppLauncher
    let policy: AppPolicy
    /// The identity of every visitor.
    let visitor: LocalIdentity
    /// Mints a workspace token of the visitor with these scopes.
    let token: @Sendable (_ scopes: [String]) async -> Secret?
    let logger: Logger

    func folder(_ name: String) -> AppFolder { AppFolder(path: "\(self.folder)/\(name)") }

    /// The address of an app: the one that it had, if it is free, else a new one.
    func address(remembered: String?) throws -> String {
        var ports = [0]
        if let port = remembered.flatMap({ Self.port(of: $0) }) { ports.insert(port, at: 0) }
        for port in ports {
            if case .free(let port) = LoopbackAddress.probe(.init(address: "127.0.0.1", port: port)) {
                return "\(self.tls == nil ? "http" : "https")://\(self.listenHost):\(port)"
            }
        }
        throw LocalLakebaseError(.addressInUse, "No port is free for the app's address.")
    }

    private static func port(of url: String) -> Int? { URL(string: url)?.port }

    /// Adds an app; `nil` when all apps are being ended.
    func add(_ name: String, url: String, surroundings: Surroundings) throws -> AppSupervisor? {
        let folder = self.folder(name)
        try folder.create()
        let log = AppLog(folder)
        let proxy = AppProxy(
            host: self.listenHost, port: Self.port(of: url) ?? 0,
            surroundings: AppProxy.Surroundings(
                visitor: self.visitor,
                token: { [token] in
                    if let scopes = await surroundings.visitorScopes() { await token(scopes) } else { nil }
                },
                status: surroundings.status,
                log: log), policy: self.policy, tls: self.tls, logger: self.logger)
        return self.fleet.add(
            AppSupervisor(
                name: name, folder: folder, log: log, proxy: proxy, launcher: self.launcher, policy: self.policy,
                order: surroundings.order, report: surroundings.report))
    }
}
