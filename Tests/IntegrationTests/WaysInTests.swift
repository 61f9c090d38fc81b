//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import TestSupport
import Testing

@Suite("The ways in besides the pool", .sharesTheMachine)
struct WaysInTests {
    private func configuration(
        _ stack: LocalStack, _ changes: [String: String?] = [:]
    ) throws -> LakebaseConfiguration {
        try .fromEnvironment(stack.environment(.app, changes))
    }

    // MARK: A direct connection

    @Test("a direct connection wakes a sleeping compute, and logs in with a credential of the life that was asked for")
    func direct() async throws {
        try await withLocalLakebase { stack in
            #expect(await stack.local.computePhase == .idle)
            let configuration = try self.configuration(
                stack, ["LAKEBASE_CREDENTIAL_TTL": "5m", "LAKEBASE_SESSION_SETTINGS": "work_mem=9MB; my.a=b \\c\td"])
            let connection = try await LakebaseConnection.connect(configuration, logger: stack.logger)
            let row = try await connection.query(
                "SELECT current_user::text, current_setting('work_mem'), current_setting('my.a')"
            ).first?.decode((String, String, String).self)
            #expect(row?.0 == stack.ready.app.userName && row?.1 == "9MB" && row?.2 == "b \\c\td")
            await connection.close()
            #expect(stack.local.counts.computeStarts == 1 && stack.local.counts.credentialsMinted == 1)

            let credentials = try LakebaseCredentials(configuration: configuration, logger: stack.logger)
            let credential = try await credentials.current()
            let life = try #require(credential.expiresAt).timeIntervalSince(try #require(credential.mintedAt))
            #expect((298...302).contains(life), "\(life)")
        }
    }

    @Test("a direct connection for the length of a closure: the credential is kept fresh, the connection closed")
    func scoped() async throws {
        try await withLocalLakebase(.init(tokenLifetime: .seconds(2))) { stack in
            let kept = try await LakebaseConnection.withConnection(self.configuration(stack), logger: stack.logger) {
                connection in
                try await eventually("three credentials") { stack.local.counts.credentialsMinted >= 3 }
                // Past the end of the first credential: cancelling is another login where libpq is older than 17.
                let slow = Task { try await connection.query("SELECT pg_sleep(30)") }
                try await eventually("the query runs") {
                    try await LakebaseConnection.withConnection(self.configuration(stack), logger: stack.logger) {
                        other in
                        try await other.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
                            .count > 0
                    }
                }
                slow.cancel()
                await #expect(throws: CancellationError.self) { try await slow.value }
                #expect(try await connection.query("SELECT 1").count == 1)
                return connection
            }
            await #expect(throws: PQError.self) { try await kept.query("SELECT 1") }
            #expect(stack.local.counts.loginsRefused.isEmpty)
        }
    }

    @Test("what the body throws comes out, and the connection is closed all the same")
    func bodyThrows() async throws {
        struct Mine: Error {}
        try await withLocalLakebase { stack in
            await #expect(throws: Mine.self) {
                try await LakebaseConnection.withConnection(self.configuration(stack), logger: stack.logger) { _ in
                    throw Mine()
                }
            }
            try await LakebaseConnection.withConnection(self.configuration(stack), logger: stack.logger) { connection in
                try await eventually("only this session is left") {
                    try await connection.query("SELECT 1 FROM pg_stat_activity WHERE usename = current_user").count == 1
                }
            }
        }
    }

    @Test("a direct login that is refused is tried once with a new credential, then explained")
    func refused() async throws {
        try await withLocalLakebase { stack in
            let configuration = try self.configuration(stack, ["PGUSER": "somebody@example.com"])
            let error = await #expect(throws: LakebaseError.self) {
                _ = try await LakebaseConnection.connect(configuration, logger: stack.logger)
            }
            #expect(error?.code == .loginRejected)
            #expect(stack.local.counts.credentialsMinted == 2)
        }
    }

    // MARK: The credential alone

    @Test("the credential alone: rotations, each good for a login, and the old one as long as it lives")
    func rotations() async throws {
        try await withLocalLakebase(.init(tokenLifetime: .seconds(10))) { stack in
            let credentials = try LakebaseCredentials(configuration: self.configuration(stack), logger: stack.logger)
            var parameters = try await credentials.driverParameters()
            parameters.options = nil
            var count = 0
            for await credential in credentials.rotations {
                let password = try #require(credential.password)
                let output = try await self.psql(
                    parameters.formatted(as: .connectionString, includingPassword: password))
                #expect(output.status == 0 && output.text == stack.ready.app.userName, "\(output.text)")
                count += 1
                if count == 3 { break }
            }
            #expect(stack.local.counts.credentialsMinted == 3)
            #expect(stack.local.counts.loginsRefused.isEmpty)
        }
    }

    private func psql(_ connectionString: Secret) async throws -> ProgramOutput {
        let text = connectionString.withUnsafeValue { $0 }
        return try await runShell(#"exec psql -X -A -t -q -c 'SELECT current_user' "$1""#, [text])
    }

    @Test("every form is one that psql reads: blanks, quotes, backslashes and signs arrive as they were")
    func forms() async throws {
        try await withLocalLakebase { stack in
            let folder = try TemporaryFolder()
            var configuration = try self.configuration(stack)
            let awkward = #"a 'b' "c" \d %41 $HOME `e` f=g&h;#i"#
            configuration.applicationName = awkward
            configuration.settings = ["my.value": awkward]
            let credentials = try LakebaseCredentials(configuration: configuration, logger: stack.logger)
            let parameters = try await credentials.driverParameters()
            let password = try #require(try await parameters.password())
            let expected = [stack.ready.app.userName, awkward, awkward, "databricks_postgres"].joined(separator: "\n")
            let query = """
                SELECT current_user; SELECT current_setting('application_name'); SELECT current_setting('my.value');
                SELECT current_database()
                """

            for form in [LakebaseCredentials.DriverParameters.Form.connectionString, .url] {
                let text = try parameters.formatted(as: form, includingPassword: password).withUnsafeValue { $0 }
                let output = try await runShell(#"printf '%s' "$2" | exec psql -X -A -t -q "$1""#, [text, query])
                #expect(output.text == expected, "\(form)")
            }

            let variables = folder.path + "/app.env"
            try self.write(parameters.formatted(as: .environmentFile, includingPassword: password), to: variables)
            let fromVariables = try await runShell(
                #"set -a; . "$1"; set +a; printf '%s' "$2" | exec psql -X -A -t -q"#, [variables, query])
            #expect(fromVariables.text == expected)

            // A token may be too long for a line of a service file, so the password goes another way.
            let services = folder.path + "/pg_service.conf"
            try parameters.formatted(as: .serviceFile(service: "orders db")).write(
                toFile: services, atomically: true, encoding: .utf8)
            let fromService = try await runShell(
                #"printf '%s' "$1" | exec psql -X -A -t -q"#, [query],
                settings: [
                    "PGSERVICEFILE": services, "PGSERVICE": "orders db",
                    "PGPASSWORD": password.withUnsafeValue { $0 },
                ])
            #expect(fromService.text == expected)
        }
    }

    private func write(_ text: Secret, to path: String) throws {
        try text.withUnsafeValue { try $0.write(toFile: path, atomically: true, encoding: .utf8) }
    }

    // MARK: A static URL

    @Test("a static URL: its password logs in as it is, and nothing is minted")
    func staticURL() async throws {
        try await withLocalLakebase { stack in
            // What the gateway takes is a token; to the client it is a password like another.
            let minting = try LakebaseCredentials(configuration: self.configuration(stack), logger: stack.logger)
            let password = try #require(try await minting.current().password)
            let url = try await minting.driverParameters().formatted(as: .url, includingPassword: password)
            let minted = stack.local.counts.credentialsMinted
            let configuration = try url.withUnsafeValue {
                try LakebaseConfiguration.fromEnvironment(["DATABASE_URL": $0])
            }
            #expect(!configuration.usesTokens && configuration.workspace == nil)
            let user = try await LakebaseConnection.withConnection(configuration, logger: stack.logger) { connection in
                try await connection.query("SELECT current_user::text").first?.decode(String.self, at: 0)
            }
            #expect(user == stack.ready.app.userName)
            #expect(stack.local.counts.credentialsMinted == minted)
        }
    }
}
