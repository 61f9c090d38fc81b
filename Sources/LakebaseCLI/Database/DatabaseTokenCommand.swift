//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase
import Secrets

/// `lakebase token`.
struct DatabaseTokenCommand: AsyncParsableCommand {
    enum Field: String, CaseIterable, ExpressibleByArgument {
        case token, expiry, user, host
    }

    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a newly minted database password, to a pipe or a file.",
        discussion: """
            The password is a token that is accepted for logins for up to an hour; a session that is open when it \
            expires stays open. It is a password for the database and not for any API; for those see lakebase auth \
            token. If a password is configured (DATABASE_URL, PGPASSWORD), that password is printed. A terminal gets \
            it only with --show.

            EXAMPLES
              PGPASSWORD=$(lakebase token) pg_dump "$(lakebase env --format url)" > dump.sql
              lakebase token --json | jq -r .expiry
              lakebase token --branch preview --field user

            Exit status: 0 if a password was printed; 1 if none could be obtained; 64 when the command line is \
            wrong, or standard output is a terminal and --show is missing.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "The value to print: token, expiry (RFC 3339), user or host.")
    var field: Field = .token

    @Flag(help: "Print one JSON object with token, user, host, port, dbname and, if the token expires, expiry.")
    var json = false

    @Flag(help: "Print the token even if standard output is a terminal.")
    var show = false

    func run() async throws {
        if self.json || self.field == .token { try SecretOutput.check(show: self.show) }
        try await self.connection.database.withConfiguration { configuration in
            let credentials = try LakebaseCredentials(configuration: configuration, logger: WorkspaceOptions.logger)
            if !self.json, self.field == .user || self.field == .host {
                let parameters = try await credentials.driverParameters()
                return try Terminal.deliver(self.field == .user ? parameters.username : parameters.host)
            }
            let credential = try await credentials.current()
            guard let password = credential.password else {
                throw CommandError("\(configuration.placeWords) is configured without a password, and mints no tokens")
            }
            if self.json {
                return try Terminal.deliver(
                    Self.object(password, credential, try await credentials.driverParameters()))
            }
            let expiry = credential.expiresAt.map { RFC3339.string(from: $0) }
            if self.field == .expiry {
                guard let expiry else {
                    throw CommandError("the password of \(configuration.placeWords) is not minted and does not expire")
                }
                return try Terminal.deliver(expiry)
            }
            SecretOutput.tellEnd(credential)
            try Terminal.deliver(password.withUnsafeValue { $0 })
        }
    }

    private static func object(
        _ password: Secret, _ credential: LakebaseCredentials.Credential,
        _ parameters: LakebaseCredentials.DriverParameters
    ) throws -> String {
        struct Object: Encodable {
            var token: String
            var expiry: String?
            var user: String
            var host: String
            var port: Int
            var dbname: String
        }
        let object = Object(
            token: password.withUnsafeValue { $0 }, expiry: credential.expiresAt.map { RFC3339.string(from: $0) },
            user: parameters.username, host: parameters.host, port: parameters.port, dbname: parameters.database)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(object), as: UTF8.self)
    }
}
