//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation

/// `lakebase auth login`.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to a workspace in the browser.",
        discussion: """
            Opens the login page of the workspace in the browser and waits for the redirect to a port of this \
            machine (8020 to 8040 on 127.0.0.1). Stores the login in ~/.databricks/token-cache.json, readable only \
            by its owner; the databricks program uses the same file in its plain text mode. A login that is in use \
            is renewed automatically.

            EXAMPLES
              Log in, and store the workspace as a profile:
                lakebase auth login --host https://dbc-1234.cloud.databricks.com --profile work
              Log in again after the login has expired:
                lakebase auth login --profile work
              Log in on a machine without a browser: forward the port in the address, then open the address \
            elsewhere:
                lakebase auth login --host https://dbc-1234.cloud.databricks.com --no-browser

            Exit status: 0 after the login; 1 if it failed, was denied or timed out; 64 when the command line is \
            wrong.
            """
    )

    @OptionGroup var workspace: WorkspaceOptions

    @Flag(help: "Print the address of the login page without opening a browser.")
    var noBrowser = false

    @Option(help: ArgumentHelp("How long to wait for the login: 90s, 5m.", valueName: "time"))
    var timeout = DurationArgument(.seconds(300))

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try self.target(environment)
        let host = configuration.host.value
        guard let home = environment["HOME"], !home.isEmpty else { throw CommandError("HOME is not set: set it") }
        let store = LoginStore(path: LoginStore.usualPath.replacing("~", with: home, maxReplacements: 1))
        // What would keep the login from being kept is found out before anybody logs in.
        try await store.check()
        let profile = self.workspace.profile.map { profile in
            let file = self.workspace.configFile ?? environment["DATABRICKS_CONFIG_FILE"] ?? ""
            return (name: profile, file: ProfileFile(path: file.isEmpty ? "\(home)/.databrickscfg" : file))
        }
        var values = [("host", host), ("auth_type", AuthType.databricksCLI.rawValue)]
        if let id = configuration.workspaceID { values.insert(("workspace_id", id.value), at: 1) }
        if let profile { try profile.file.check(values, in: profile.name) }
        let login = try await BrowserLogin(configuration: configuration, logger: WorkspaceOptions.logger).run(
            limit: self.timeout.duration
        ) { address in
            Terminal.note("Log in here, within \(self.timeout.defaultValueDescription):\n\n  \(address)\n")
            if !self.noBrowser { Self.open(address) }
        }
        try await store.save(login, for: [profile?.name, host].compactMap { $0 })
        if let profile { try profile.file.set(values, in: profile.name) }
        // The login is used once, so that a workspace that does not take it is known now.
        let used = WorkspaceConfiguration(
            host: configuration.host,
            authentication: .userLogin(.init(type: .externalBrowser, tokenCache: store.path, cacheKeys: [host])),
            workspaceID: configuration.workspaceID,
            product: configuration.product)
        let client = WorkspaceClient(
            configuration: used, retryPolicy: WorkspaceOptions.retryPolicy, logger: WorkspaceOptions.logger)
        let me = try await client.currentUser.me()
        Terminal.output("Logged in to \(host) as \(me.userName ?? "a user without a name").")
        let how =
            profile.map { "--profile \($0.name) or DATABRICKS_CONFIG_PROFILE=\($0.name)" } ?? "DATABRICKS_HOST=\(host)"
        Terminal.note("Use it with \(how).")
    }

    /// The workspace without its credentials: the host of the option, or that of a profile.
    private func target(_ environment: [String: String]) throws -> WorkspaceConfiguration {
        var arguments = self.workspace.arguments
        arguments.customAuthType = .externalBrowser
        var environment = environment
        if self.workspace.host != nil {
            // The profile is what the login is kept under, and need not exist yet, nor its file. The environment's workspace is
            // another one.
            arguments.profile = nil
            arguments.configFile = nil
            environment = WorkspaceConfiguration.environment(environment, choosing: nil)
        }
        return try .resolve(arguments, environment: environment)
    }

    /// Opens the address in the browser; without a browser, the printed address is enough.
    private static func open(_ address: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        #if os(macOS)
        process.arguments = ["open", address]
        #else
        process.arguments = ["xdg-open", address]
        #endif
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try? process.run()
    }
}
