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

/// Where and how the apps of a workspace run.
struct AppRuntime: Sendable {
    /// What an app's host asks those who keep the app.
    struct Surroundings: Sendable {
        /// What a deployment runs as.
        var order: @Sendable (String) async throws -> AppLauncher.Order
        /// Hears how deployments went.
        var report: @Sendable (AppSupervisor.Report) async -> Void
        /// What the app does, in a sentence.
        var status: @Sendable () async -> String
        /// The scopes of the token with which it acts in the name of a visitor; `nil` if it does not.
        var visitorScopes: @Sendable () async -> [String]?
    }

    let fleet: AppFleet
    /// The folder of the folders of apps.
    let folder: String
    let listenHost: String
    /// For visitors who speak TLS; the addresses of apps begin with `https://` then.
    var tls: NIOSSLContext?
    let launcher: AppLauncher
    let policy: AppPolicy
    /// Who every visitor is.
    let visitor: LocalIdentity
    /// A token of the visitor for the workspace, with these scopes.
    let token: @Sendable (_ scopes: [String]) async -> Secret?
    let logger: Logger

    func folder(_ name: String) -> AppFolder { AppFolder(path: "\(self.folder)/\(name)") }

    /// The address of an app: the one it had if nobody else took it, else a new one.
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

    /// Adds an app; `nil` when all is being ended.
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
