//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Logging
import Secrets
import Synchronization
import Testing

/// `kill -9` of `lakebase dev` in the midst of creating, deleting and writing.
///
/// LAKEBASE_KILL_ROUNDS sets how often; the release gate takes 50.
@Suite("kill -9", .serialized) struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["LAKEBASE_KILL_ROUNDS"].flatMap { Int($0) } ?? 5

    @Test("after each kill API and disk agree, and what was acknowledged is there", .timeLimit(.minutes(20)))
    func rounds() async throws {
        let scratch = try Scratch()
        let ledger = Ledger()
        for round in 0..<Self.rounds {
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase", ["dev", "--json", "--data", scratch.path + "/data"], output: output, errors: errors)
            defer { kill(process.processIdentifier, SIGKILL) }
            let line = try await scratch.text("out", containing: "\n")
            let local = try Local(announcement: line, data: scratch.path + "/data")
            try await local.check(ledger, round: round)

            let delay = Duration.milliseconds(Int.random(in: 0...1500))
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await local.write(ledger) }
                group.addTask { await local.makeAndRemove(ledger, round: round) }
                group.addTask { await local.makeAndRemove(ledger, round: round + 1000) }
                // The first kill comes when there is something to lose, however slow the machine; the others at any time.
                let limit = ContinuousClock.now + .seconds(60)
                while round == 0, ledger.rows == 0 || ledger.made == 0, ContinuousClock.now < limit {
                    try? await Task.sleep(for: .milliseconds(5))
                }
                try? await Task.sleep(for: delay)
                kill(process.processIdentifier, SIGKILL)
                // They end by themselves: nobody answers them any more.
            }
            let deadline = ContinuousClock.now + .seconds(60)
            while process.isRunning, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
            try #require(!process.isRunning)
        }
        #expect(ledger.rows > 0)
        #expect(ledger.made > 0, "no branch was ever made")
    }
}

/// What was acknowledged before a kill.
private final class Ledger: Sendable {
    private struct State {
        var rows = 0
        var made = 0
        /// Branches that were ready, and that nobody has begun to delete.
        var alive: Set<String> = []
        /// Branches whose removal was acknowledged.
        var removed: Set<String> = []
    }
    private let state = Mutex(State())

    var rows: Int { self.state.withLock { $0.rows } }
    var made: Int { self.state.withLock { $0.made } }
    var alive: Set<String> { self.state.withLock { $0.alive } }
    var removed: Set<String> { self.state.withLock { $0.removed } }

    func wrote(_ row: Int) { self.state.withLock { $0.rows = row } }

    func isReady(_ branch: String) {
        self.state.withLock {
            $0.made += 1
            $0.alive.insert(branch)
        }
    }

    /// Takes a branch out, because its removal may or may not come to pass.
    func aboutToRemove(_ branch: String) { self.state.withLock { _ = $0.alive.remove(branch) } }

    func isRemoved(_ branch: String) { self.state.withLock { _ = $0.removed.insert(branch) } }
}

/// A running `lakebase dev`.
private struct Local: Sendable {
    private struct Announcement: Decodable { var environment: [String: String] }
    private struct Gone: Error {}

    let environment: [String: String]
    let data: String
    let token: Secret

    init(announcement: String, data: String) throws {
        self.environment = try JSONDecoder().decode(Announcement.self, from: Data(announcement.utf8)).environment
        self.data = data
        self.token = Secret(try #require(self.environment["DATABRICKS_TOKEN"]))
    }

    func call(
        _ method: TransportRequest.Method, _ path: String, _ body: String? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        let bearer = self.token.withUnsafeValue { Secret("Bearer \($0)") }
        let request = TransportRequest(
            method: method, url: (self.environment["DATABRICKS_HOST"] ?? "") + "/api/2.0/postgres/" + path,
            secretHeaders: ["Authorization": bearer], body: body.map { Array($0.utf8) })
        let answer = try await AsyncHTTPClientTransport().send(request, maximumBody: 1 << 24)
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(answer.body))
        return (answer.status, value ?? .null)
    }

    func connect() async throws -> PQConnection {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let credential = try await self.call(
            .post, "credentials", #"{"endpoint":"\#(self.environment["LAKEBASE_ENDPOINT"] ?? "")"}"#)
        guard let password = credential.body["token"]?.stringValue else { throw Gone() }
        var login = PQConnection.Configuration(
            host: self.environment["PGHOST"] ?? "", port: Int(self.environment["PGPORT"] ?? "") ?? 0,
            username: self.environment["PGUSER"] ?? "", database: self.environment["PGDATABASE"] ?? "",
            password: Secret(password), tls: .verifyFull)
        login.rootCertificate = self.environment["PGSSLROOTCERT"]
        // The first login starts the compute, which ten seconds may not be enough for on a busy machine.
        login.connectTimeout = .seconds(120)
        return try await PQConnection.connect(login, logger: logger)
    }

    // MARK: Load, until the process is gone

    /// Writes rows; each is noted once it is committed.
    func write(_ ledger: Ledger) async {
        guard let connection = try? await self.connect() else { return }
        var row = ledger.rows
        do {
            try await connection.query("CREATE TABLE IF NOT EXISTS kept (i int PRIMARY KEY)")
            row =
                try await connection.query("SELECT coalesce(max(i), 0) FROM kept").first?.decode(Int.self, at: 0) ?? row
            while true {
                row += 1
                try await connection.query("INSERT INTO kept VALUES (\(Int32(row)))")
                ledger.wrote(row)
            }
        } catch {
            await connection.close()
        }
    }

    /// Makes branches, and removes some of them.
    func makeAndRemove(_ ledger: Ledger, round: Int) async {
        for number in 0... {
            let name = "projects/local/branches/b\(round)-\(number)"
            let id = "b\(round)-\(number)"
            do {
                try await self.operate(
                    .post, "projects/local/branches?branch_id=\(id)", #"{"spec":{"no_expiry":true}}"#)
                ledger.isReady(name)
                if Int.random(in: 0..<3) > 0 {
                    ledger.aboutToRemove(name)
                    let removal = try await self.call(.delete, "\(name)?purge=true")
                    guard removal.status == 200 else { throw Gone() }
                    ledger.isRemoved(name)
                }
            } catch {
                return
            }
        }
    }

    private func operate(_ method: TransportRequest.Method, _ path: String, _ body: String) async throws {
        var reply = try await self.call(method, path, body)
        guard reply.status == 200, let name = reply.body["name"]?.stringValue else { throw Gone() }
        while reply.body["done"] != .boolean(true) { reply = try await self.call(.get, name) }
        guard reply.body["error"] == nil else { throw Gone() }
    }

    // MARK: After a start

    func check(_ ledger: Ledger, round: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var (branches, folders) = try await self.compare()
        // What was under way at the kill is finished first.
        while branches != folders, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            (branches, folders) = try await self.compare()
        }
        #expect(branches == folders, "round \(round): the API and the disk differ")
        for name in ledger.alive {
            let reply = try await self.call(.get, name)
            #expect(reply.body["status"]?["current_state"] == .string("READY"), "round \(round): \(name) \(reply.body)")
        }
        for name in ledger.removed {
            #expect(try await self.call(.get, name).status == 404, "round \(round): \(name)")
        }
        guard ledger.rows > 0 else { return }
        let connection = try await self.connect()
        let rows = try await connection.query("SELECT count(*) FROM kept WHERE i <= \(Int32(ledger.rows))")
        let count = try rows.first?.decode(Int.self, at: 0)
        await connection.close()
        #expect(count == ledger.rows, "round \(round)")
    }

    /// The branches that the API has ready, by uid, and the clusters that are on disk.
    private func compare() async throws -> (branches: Set<String>, folders: Set<String>) {
        var branches: Set<String> = []
        var token = ""
        repeat {
            let query = token.replacing("=", with: "%3D").replacing("+", with: "%2B").replacing("/", with: "%2F")
            let list = try await self.call(
                .get,
                "projects/local/branches?show_deleted=true&page_size=100"
                    + (query.isEmpty ? "" : "&page_token=" + query))
            guard case .array(let items)? = list.body["branches"] else { throw Gone() }
            for item in items {
                let isReady = item["status"]?["current_state"] != .string("INIT")
                let isRoot = item["branch_id"] == .string("production")
                let uid = isRoot ? "production" : item["uid"]?.stringValue ?? ""
                branches.insert(isReady ? uid : "\(uid), not ready")
            }
            token = list.body["next_page_token"]?.stringValue ?? ""
        } while !token.isEmpty
        // Also what is half made or half removed counts.
        let folders = try FileManager.default.contentsOfDirectory(atPath: self.data + "/branches")
        return (branches, Set(folders))
    }
}
