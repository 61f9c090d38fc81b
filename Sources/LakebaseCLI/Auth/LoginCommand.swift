//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import ProgramLauncher

/// `lakebase auth login`.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to a workspace by way of the browser.",
        discussion: """
            Opens the workspace's page in the browser and waits until it comes back to a port of this machine (8020 to \
            8040 on 127.0.0.1). The login is kept in ~/.databricks/token-cache.json, for its owner only, where the \
            databricks program keeps it too in its plain text mode. It is renewed by itself while it is used.

            EXAMPLES
              Log in, and keep the workspace as a profile:
                lakebase auth login --host https://dbc-1234.cloud.databricks.com --profile work
              Once more, when the login has ended:
                lakebase auth login --profile work
              On another machine than the browser's: forward the port that the address names, then open the address:
                lakebase auth login --host https://dbc-1234.cloud.databricks.com --no-browser

            Exit status: 0 after the login; 1 when it failed, was refused or took too long; 64 when the command line is \
            wrong.
            """
    )

    @OptionGroup var workspace: WorkspaceOptions

    @Flag(help: "Only print the address, and let people open it themselves.")
    var noBrowser = false

    @Option(help: ArgumentHelp("How long to wait for the browser: 90s, 5m.", valueName: "time"))
    var timeout = DurationArgument(.seconds(300))

    func run() async throws {
        do {
            try await self.logIn()
        } catch {
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
    }

    private func logIn() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try self.target(environment)
        let host = configuration.host.value
        guard let home = environment["HOME"], !home.isEmpty else { throw Failure("HOME is not set: set it") }
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

    /// The workspace, whatever credentials there may be: a host by itself, or a profile's.
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

    /// Opens the address in the browser; where there is none, people have the address.
    ///
    /// In a session of its own: a browser that this starts stays when the login is given up with Ctrl-C.
    private static func open(_ address: String) {
        #if os(macOS)
        let opener = "open"
        #else
        let opener = "xdg-open"
        #endif
        _ = try? ChildProcess.spawn(
            "/usr/bin/env", [opener, address], environment: ProcessInfo.processInfo.environment)
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }
}
