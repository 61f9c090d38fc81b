//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import LakebaseLocal
import Logging
import Secrets

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A client of a `lakebase dev` that runs in another process.
struct RunningDev {
    let host: String
    private let headers: [String: Secret]

    /// Finds it by its data folder, or by its environment.
    ///
    /// - Parameters:
    ///   - data: The folder, if one is named.
    ///   - command: The subcommand, for the remedy in an error.
    static func find(data: String?, command: String) async throws -> RunningDev {
        guard let data else { return try await Self.findByEnvironment(command) }
        guard let running = try LocalLakebase.running(on: data) else {
            throw CommandError("No lakebase dev runs on \(data). Start it: lakebase dev --data \(data)")
        }
        let bearer = running.token.withUnsafeValue { Secret("Bearer \($0)") }
        return RunningDev(host: running.host, headers: ["Authorization": bearer])
    }

    private static func findByEnvironment(_ command: String) async throws -> RunningDev {
        let configuration: WorkspaceConfiguration
        do {
            configuration = try WorkspaceConfiguration.resolve()
        } catch {
            throw CommandError(
                "No running lakebase dev is named. Use --data with its folder, or run this in the environment it gives "
                    + "out: lakebase dev -- lakebase dev \(command)")
        }
        let client = WorkspaceClient(configuration: configuration, logger: Logger(label: "lakebase"))
        defer { client.shutDown() }
        return RunningDev(host: configuration.host.value, headers: try await client.credentials.headers())
    }

    /// Sends a request that only a `lakebase dev` answers.
    func get(_ path: String) async throws -> (status: Int, body: Data) {
        let request = TransportRequest(method: .get, url: self.host + path, secretHeaders: self.headers)
        let answer = try await AsyncHTTPClientTransport().send(request, maximumBody: 64 * 1024 * 1024)
        return (answer.status, Data(answer.body))
    }

    /// The error for an answer that a `lakebase dev` of this version does not give.
    func unexpected(_ status: Int) -> CommandError {
        CommandError(
            "\(self.host) is not a lakebase dev of this version, or refuses the credentials (HTTP \(status)).")
    }
}
