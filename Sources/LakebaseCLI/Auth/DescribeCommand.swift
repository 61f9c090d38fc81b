//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation

/// `lakebase auth describe`.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show which identity is used, by which method, and where each setting comes from.",
        discussion: """
            Asks the workspace which identity the credentials belong to. Secrets are shown as ********.

            EXAMPLES
              The identity of a program that is started here:
                lakebase auth describe
              Another profile, for a script:
                lakebase auth describe --profile work --json | jq -r .identity

            Exit status: 0 if the workspace accepts the credentials; 1 if no usable credentials are configured, or \
            the workspace rejects them or cannot be reached (the settings found are printed all the same); 64 when \
            the command line is wrong.
            """
    )

    @OptionGroup var workspace: WorkspaceOptions

    @Option(
        help: ArgumentHelp(
            "The authentication method: pat, oauth-m2m, env-oidc, file-oidc, github-oidc, databricks-cli or external-browser.",
            valueName: "method"))
    var authType: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        var report = AuthReport()
        do {
            var arguments = self.workspace.arguments
            arguments.authType = self.authType
            let configuration = try WorkspaceConfiguration.resolve(arguments)
            report.take(configuration)
            let complete = await configuration.completedByHost(logger: WorkspaceOptions.logger)
            report.take(complete)
            let client = WorkspaceClient(
                configuration: complete, retryPolicy: WorkspaceOptions.retryPolicy, logger: WorkspaceOptions.logger)
            let me = try await client.currentUser.me()
            report.identity = me.userName
            report.workspaceID = client.workspaceID ?? report.workspaceID
            if me.userName?.isEmpty != false {
                report.identity = nil
                report.error =
                    "the workspace takes the credentials and does not say whose they are; check that the host is a Databricks workspace"
            }
        } catch {
            report.error = "\(error)"
        }
        Terminal.output(try self.json ? report.json() : report.text())
        if let error = report.error { throw CommandError(error) }
    }
}
