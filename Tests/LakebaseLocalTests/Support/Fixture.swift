//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ProgramLauncher
import Secrets
import Synchronization
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres
@testable import LocalWorkspace

/// A running local Lakebase, and the ways a test talks to it: HTTP and psql.
struct Fixture: Sendable {
    let lakebase: LocalLakebase
    let ready: LocalLakebase.Ready

    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return logger
    }

    /// Starts one, runs `body` and stops it again.
    static func with<Result: Sendable>(
        _ configuration: LocalLakebaseConfiguration = .init(), _ body: @Sendable (Fixture) async throws -> Result
    ) async throws -> Result {
        let lakebase = try LocalLakebase(configuration: configuration, logger: Self.quiet)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await lakebase.run() }
            let fixture = Fixture(lakebase: lakebase, ready: try await lakebase.ready())
            let result: Result
            do {
                result = try await body(fixture)
            } catch {
                group.cancelAll()
                while await group.nextResult() != nil {}
                throw error
            }
            group.cancelAll()
            while await group.nextResult() != nil {}
            return result
        }
    }

    // MARK: HTTP

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var body: Data

        subscript(key: String) -> String? {
            (try? JSONSerialization.jsonObject(with: self.body) as? [String: Any])?[key] as? String
        }
    }

    /// Shows redirects instead of following them.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))

    func http(
        _ method: String, _ path: String, token: Secret? = nil, basic: (String, Secret)? = nil, body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.ready.host + path)
        request.method = HTTPMethod(rawValue: method)
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        token?.withUnsafeValue { request.headers.add(name: "Authorization", value: "Bearer \($0)") }
        if let basic {
            let pair = basic.1.withUnsafeValue { "\(basic.0):\($0)" }
            request.headers.add(name: "Authorization", value: "Basic \(Data(pair.utf8).base64EncodedString())")
        }
        let response = try await Self.client.execute(request, timeout: .seconds(120))
        let received = try await response.body.collect(upTo: 1024 * 1024)
        let headers = Dictionary(
            response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        return Answer(status: Int(response.status.code), headers: headers, body: Data(buffer: received))
    }

    /// A token for the workspace's API.
    func apiToken(_ identity: LocalLakebase.Identity) async throws -> Secret {
        let who = self.ready.identity(identity)
        switch identity {
        case .developer: return who.credential
        case .app:
            let answer = try await self.http(
                "POST", "/oidc/v1/token", basic: (who.userName, who.credential),
                body: "grant_type=client_credentials&scope=all-apis"
            )
            return Secret(try #require(answer["access_token"]))
        }
    }

    /// A Postgres password, for as long as is asked for, or as the workspace has it.
    func credential(_ identity: LocalLakebase.Identity, ttl: String? = nil) async throws -> Secret {
        let wanted = ttl.map { #","ttl":"\#($0)""# } ?? ""
        let answer = try await self.http(
            "POST", "/api/2.0/postgres/credentials", token: try await self.apiToken(identity),
            body: #"{"endpoint":"\#(LocalProject.endpointName)"\#(wanted)}"#
        )
        return Secret(try #require(answer["token"]))
    }

    // MARK: psql

    struct Output: Sendable {
        var status: Int32
        var text: String
    }

    /// Runs SQL through psql, as `user` with `password`; everything else from the environment of `identity`.
    func psql(
        _ sql: String, as identity: LocalLakebase.Identity = .developer, user: String? = nil, password: Secret? = nil,
        database: String? = nil, settings: [String: String] = [:], arguments: [String] = []
    ) async throws -> Output {
        var environment = try await self.clientEnvironment(as: identity, password: password)
        environment["PGUSER"] = user ?? environment["PGUSER"]
        environment["PGDATABASE"] = database ?? environment["PGDATABASE"]
        environment.merge(settings) { $1 }
        let result = try await ChildProcess.run(
            try await Self.psqlPath(),
            ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-c", sql] + arguments,
            environment: environment
        )
        return Output(
            status: result.status, text: result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        )
    }

    private static let foundPsql = Mutex<String?>(nil)

    /// Where psql is; looked for once, which takes some processes.
    private static func psqlPath() async throws -> String {
        if let path = Self.foundPsql.withLock({ $0 }) { return path }
        let path = try await InstalledServers.find().newest.binFolder + "/psql"
        Self.foundPsql.withLock { $0 = path }
        return path
    }

    /// What a program of libpq needs to log in.
    func clientEnvironment(
        as identity: LocalLakebase.Identity = .developer, password: Secret? = nil
    ) async throws -> [String: String] {
        let given = try await { if let password { password } else { try await self.credential(identity) } }()
        var environment = ChildProcess.plainEnvironment
        for (name, value) in self.ready.environment(for: identity) where name.hasPrefix("PG") {
            environment[name] = value
        }
        environment["PGPASSWORD"] = given.withUnsafeValue { $0 }
        environment["PGCONNECT_TIMEOUT"] = "120"
        return environment
    }

    /// Runs SQL that has to work, and returns what it prints.
    func sql(_ sql: String, as identity: LocalLakebase.Identity = .developer) async throws -> String {
        let output = try await self.psql(sql, as: identity)
        #expect(output.status == 0, "\(output.text)")
        return output.text
    }
}
