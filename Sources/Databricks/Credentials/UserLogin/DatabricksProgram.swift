//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Asks the `databricks` program for the token of a user's login.
///
/// What the program writes is never logged and never part of an error, because it holds the token.
final class DatabricksProgram: Sendable {
    /// How long `databricks auth token` may take, which may renew the login over the network.
    static let limit: Duration = .seconds(30)
    /// How long `databricks version` may take.
    static let versionLimit: Duration = .seconds(5)

    private let path: String
    private let host: String
    private let profile: String?
    private let configFile: String?
    private let limit: Duration
    private let version = Mutex<[Int]?>(nil)

    init(path: String, host: String, profile: String?, configFile: String?, limit: Duration = DatabricksProgram.limit) {
        self.path = path
        self.host = host
        self.profile = profile
        self.configFile = configFile
        self.limit = limit
    }

    func token() async throws(DatabricksError) -> MintedToken<Secret> {
        let version = try await self.programVersion()
        var arguments = ["auth", "token"]
        // Older ones do not know the options.
        if let profile = self.profile, !version.lexicographicallyPrecedes([0, 207, 1]) {
            arguments += ["--profile", profile]
        } else {
            arguments += ["--host", self.host]
        }
        if !version.lexicographicallyPrecedes([0, 296, 0]) { arguments.append("--force-refresh") }
        let outcome = try await self.run(arguments, limit: self.limit)
        guard outcome.status == 0 else { throw self.refusal(outcome) }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(outcome.output)) else {
            throw self.wrong("'\(self.command(arguments))' did not print a token as JSON")
        }
        guard answer.type.lowercased() == "bearer", answer.token.isVisibleText else {
            throw self.wrong("'\(self.command(arguments))' printed a token that is not a bearer token")
        }
        guard let end = RFC3339.date(from: answer.expiry) else {
            throw self.wrong("'\(self.command(arguments))' printed a token without an RFC 3339 expiry time")
        }
        return MintedToken(token: answer.token, expiresAt: end)
    }

    /// The program's version, read once; zero when it is unknown.
    private func programVersion() async throws(DatabricksError) -> [Int] {
        if let known = self.version.withLock({ $0 }) { return known }
        let outcome = try await self.run(["version", "--output", "json"], limit: Self.versionLimit)
        let answer = outcome.status == 0 ? try? JSONDecoder().decode(Version.self, from: Data(outcome.output)) : nil
        let version = answer.map { [$0.major, $0.minor, $0.patch] } ?? [0, 0, 0]
        self.version.withLock { $0 = version }
        return version
    }

    private func run(_ arguments: [String], limit: Duration) async throws(DatabricksError) -> ProgramRun.Outcome {
        // The program looks at the environment's profile although it is given a host, and would answer with another workspace's token.
        var environment = WorkspaceConfiguration.environment(ProcessInfo.processInfo.environment, choosing: nil)
        if let configFile = self.configFile { environment["DATABRICKS_CONFIG_FILE"] = configFile }
        do {
            return try await ProgramRun.run(self.path, arguments, environment: environment, limit: limit)
        } catch {
            switch error {
            case .notStarted(let code):
                throw DatabricksError(
                    code: .invalidConfiguration,
                    message: "cannot start \(self.path): \(ProgramRun.words(code)); check DATABRICKS_CLI_PATH")
            case .timedOut:
                throw DatabricksError(
                    code: .deadlineExceeded,
                    message: "'\(self.command(arguments))' did not end within \(limit) and was killed")
            case .tooMuch:
                throw self.wrong("'\(self.command(arguments))' printed too much")
            case .cancelled:
                throw DatabricksError(code: .cancelled, message: "the wait for a token was cancelled")
            }
        }
    }

    /// The error for an exit status other than 0.
    ///
    /// The words of the program are looked at, and not repeated.
    private func refusal(_ outcome: ProgramRun.Outcome) -> DatabricksError {
        let words = String(decoding: outcome.output + outcome.errors, as: UTF8.self).lowercased()
        let login =
            self.profile.map { "databricks auth login --profile \($0)" }
            ?? "databricks auth login --host \(self.host)"
        let reason: String
        if words.contains("databricks oauth is not") || words.contains("no cached credentials") {
            reason = "the program has no login for this host"
        } else if words.contains("refresh token") || words.contains("invalid_grant") {
            reason = "the program's login has expired"
        } else if words.contains("unknown command") || words.contains("no such command") {
            reason = "the program is too old to know 'auth token'"
        } else {
            reason = "'\(self.command(["auth", "token"]))' failed with status \(outcome.status)"
        }
        return DatabricksError(code: .unauthenticated, message: "\(reason): run '\(login)'")
    }

    private func command(_ arguments: [String]) -> String { ([self.path] + arguments).joined(separator: " ") }

    private func wrong(_ words: String) -> DatabricksError { DatabricksError(code: .invalidResponse, message: words) }

    private struct Version: Decodable {
        let major, minor, patch: Int

        private enum CodingKeys: String, CodingKey {
            case major = "Major"
            case minor = "Minor"
            case patch = "Patch"
        }
    }

    private struct Answer: Decodable {
        let token: Secret
        let type: String
        let expiry: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.token = Secret(try container.decode(String.self, forKey: .token))
            self.type = try container.decodeIfPresent(String.self, forKey: .type) ?? "Bearer"
            self.expiry = try container.decode(String.self, forKey: .expiry)
        }

        private enum CodingKeys: String, CodingKey {
            case token = "access_token"
            case type = "token_type"
            case expiry
        }
    }
}
