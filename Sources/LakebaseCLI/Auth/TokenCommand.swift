//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Secrets

/// `lakebase auth token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print an access token for the workspace, to a pipe or a file.",
        discussion: """
            The token is for the APIs of the workspace. It is not a password for the database; see lakebase token. \
            It expires within an hour, unless it is a personal access token. A terminal gets it only with --show, \
            because anyone who sees the screen or its history could use it.

            EXAMPLES
              Call an API with the token kept out of the process list:
                lakebase auth token | sed 's/^/header = "Authorization: Bearer /; s/$/"/' | curl -K - "$DATABRICKS_HOST/api/2.0/postgres/projects"
              Print the expiry, which --json contains as databricks auth token does:
                lakebase auth token --json | jq -r .expiry

            Exit status: 0 if a token was printed; 1 if none could be obtained; 64 when the command line is wrong, \
            or standard output is a terminal and --show is missing.
            """
    )

    @OptionGroup var workspace: WorkspaceOptions

    @Option(
        help: ArgumentHelp(
            "The authentication method: pat, oauth-m2m, env-oidc, file-oidc, github-oidc, databricks-cli or external-browser.",
            valueName: "method"))
    var authType: String?

    @Flag(help: "Print the token even if standard output is a terminal.")
    var show = false

    @Flag(help: "Print one JSON object with access_token, token_type and, if known, expiry.")
    var json = false

    func run() async throws {
        try SecretOutput.check(show: self.show)
        let client = try self.workspace.client(authType: self.authType)
        let headers = try await client.credentials.headers()
        guard let token = headers["Authorization"].flatMap(Self.bearer) else {
            throw CommandError("the method \(client.credentials.authType) has no token")
        }
        let expiry = (client.credentials as? RenewedCredentials)?.snapshot.expiresAt
        let line = try self.json ? Self.object(token, expiry) : token.withUnsafeValue { $0 }
        Terminal.output(line)
    }

    private static func bearer(_ header: Secret) -> Secret? {
        header.withUnsafeValue { $0.hasPrefix("Bearer ") ? Secret(String($0.dropFirst(7))) : nil }
    }

    private static func object(_ token: Secret, _ expiry: Date?) throws -> String {
        var fields = ["token_type": "Bearer", "access_token": token.withUnsafeValue { $0 }]
        fields["expiry"] = expiry.map { RFC3339.string(from: $0) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(fields), as: UTF8.self)
    }
}
