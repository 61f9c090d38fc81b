//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace
import Synchronization

/// Assigns ports to the processes of apps.
final class AppPorts: Sendable {
    /// The platform's port (Databricks Apps listen on it; `databricks apps run-local` uses it too).
    static let platforms = 8000

    /// The port that a process is told, and the port on which it is reached.
    struct Plan: Equatable, Sendable {
        /// The value of `DATABRICKS_APP_PORT` and related variables.
        var told: Int
        /// The port on which the process is reached.
        var actual: Int
        var redirection: PortRedirection?
        /// Why the process cannot have the platform's port, as a sentence without its full stop.
        var obstacle: String?
    }

    private let redirects: Bool
    /// The apps that use the platform's port itself, with the number of their processes.
    private let holders = Mutex<[String: Int]>([:])

    /// - Parameter redirects: Whether sockets can be redirected, so that each app may bind the platform's port.
    init(redirects: Bool) { self.redirects = redirects }

    /// Chooses a port for a process of an app.
    ///
    /// - Parameter workspacePort: Where the workspace listens.
    /// - Returns: `nil` if no port is free.
    func plan(for app: String, workspacePort: Int?) -> Plan? {
        if self.redirects {
            guard case .free(let port) = LoopbackAddress.probe(.init(address: "127.0.0.1", port: 0)),
                let given = UInt16(exactly: port)
            else { return nil }
            return Plan(
                told: Self.platforms, actual: port,
                redirection: PortRedirection(
                    asked: UInt16(Self.platforms), given: given, takesConnections: workspacePort != Self.platforms))
        }
        return self.holders.withLock { holders in
            if holders.isEmpty,
                case .free = LoopbackAddress.probe(.init(address: "0.0.0.0", port: Self.platforms))
            {
                holders[app] = 1
                return Plan(told: Self.platforms, actual: Self.platforms)
            }
            guard case .free(let port) = LoopbackAddress.probe(.init(address: "0.0.0.0", port: 0)) else { return nil }
            return Plan(told: port, actual: port, obstacle: Self.obstacle(holder: holders.keys.first, for: app))
        }
    }

    /// Releases the port of a process that has ended.
    func release(_ plan: Plan, of app: String) {
        guard plan.actual == Self.platforms else { return }
        self.holders.withLock { $0[app] = nil }
    }

    static func obstacle(holder: String?, for app: String) -> String {
        switch holder {
        case let holder? where holder.isExactly(app):
            "Port \(Self.platforms) is held by the version of this app that runs. An app that insists on it has to be stopped "
                + "before it is deployed: databricks apps stop \(app), databricks apps start \(app), then deploy"
        case let holder?:
            "Port \(Self.platforms) is held by the app '\(holder)'. If this one insists on it, stop that one "
                + "(databricks apps stop \(holder)) or let this one listen on DATABRICKS_APP_PORT"
        case nil:
            "Port \(Self.platforms) is held by another program of this machine. If the app insists on it, end that program or let the "
                + "app listen on DATABRICKS_APP_PORT"
        }
    }
}
