//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import AsyncPQ

private typealias Configuration = PQConnection.Configuration

@Suite("Services and environment variables")
struct ServiceFileTests {
    private static func parse(_ text: String, _ service: String = "app") throws -> [String: String]? {
        try ServiceFile.parse(Array(text.utf8), service: service, file: "/f")
    }

    @Test func `a service is the lines from its name to the next name`() throws {
        let text =
            "# all\nhost=no\n[other]\nhost=o\n[app]\n host=a b \r\nport=1\nport=2\n\n#x\npassword= p\n[app]\nuser=no\n"
        #expect(try Self.parse(text) == ["host": "a b", "port": "1", "password": " p"])
        #expect(try Self.parse(text, "other") == ["host": "o"])
        #expect(try Self.parse(text, "ap") == nil)
        #expect(try Self.parse("[app]") == [:])
        #expect(try Self.parse("") == nil)
    }

    @Test(arguments: [
        "[app]\nhunter2", "[app]\nhost =hunter2", "[app]\nservice=hunter2", "[app]\nldap://hunter2", "[app]\nhunter2=x",
    ])
    func `a line that libpq refuses is named by its number and not quoted`(text: String) throws {
        let error = try #require(throws: PQError.self) { try Self.parse(text) }
        #expect("\(error)".contains("line 2") && !"\(error)".contains("hunter2"), "\(error)")
    }

    @Test func `bytes of any kind are no trap`() throws {
        var generator = SeededGenerator(seed: 5)
        let alphabet = Array("[]app=host#\n\r \u{0}é".utf8) + [0xFF]
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0..<60, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            _ = try? ServiceFile.parse(bytes, service: "app", file: "/f")
        }
    }

    /// Runs `body` with a folder that has a service file.
    private func withFolder(_ text: String, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "service-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["pg_service.conf", ".pg_service.conf"] {
            try Data("\(text)file=\(name)\n".replacing("file=", with: "application_name=").utf8)
                .write(to: URL(filePath: "\(folder)/\(name)"))
        }
        try await body(folder)
    }

    @Test func `the string counts before the service, and the service before the environment`() async throws {
        try await self.withFolder("[app]\nhost=service\nport=1\nuser=service\n") { folder in
            func read(_ text: String, _ environment: [String: String]) throws -> Configuration {
                try Configuration(connectionString: Secret(text), environment: environment)
            }
            let environment = [
                "PGHOST": "environment", "PGPORT": "2", "PGDATABASE": "environment", "PGUSER": "environment",
                "PGSERVICEFILE": "\(folder)/pg_service.conf", "PGSSLMODE": "require", "PGTZ": "Asia/Tokyo",
                "PGCHANNELBINDING": "disable", "PGLOADBALANCEHOSTS": "random", "PGTARGETSESSIONATTRS": "primary",
                "PGDATESTYLE": "default", "PGPASSFILE": "/passwords",
            ]
            let read1 = try read("service=app host=string", environment)
            #expect(read1.host == "string" && read1.port == 1 && read1.username == "service")
            #expect(read1.database == "environment" && read1.tls == .require && read1.targetSession == .primary)
            #expect(read1.libpqParameters == ["channel_binding": "disable", "passfile": "/passwords"])
            #expect(read1.loadBalancing == .random && read1.settings == ["TimeZone": "Asia/Tokyo"])
            #expect(read1.applicationName == "pg_service.conf")
            let read2 = try read("postgresql://string/", environment.merging(["PGSERVICE": "app"]) { $1 })
            #expect(read2.host == "string" && read2.port == 1 && read2.username == "service")
            // Without a file of its own: the user's, then the system's.
            #expect(try read("service=app", ["HOME": folder]).applicationName == ".pg_service.conf")
            let system = ["HOME": "/nowhere", "PGSYSCONFDIR": folder]
            #expect(try read("service=app", system).applicationName == "pg_service.conf")
            #expect(try read("", ["PGREQUIRESSL": "1"]).tls == .require)
            for (text, environment) in [
                ("service=none", ["HOME": folder, "PGSYSCONFDIR": folder]),
                ("service=app", ["PGSERVICEFILE": "\(folder)/none"]), ("service=app", ["PGSERVICEFILE": folder]),
            ] {
                let error = try #require(throws: PQError.self) { try read(text, environment) }
                #expect(error.code == .invalidConfiguration && "\(error)".contains(folder), "\(error)")
            }
        }
    }

    @Test func `psql reads the same from a service, the environment and a password file`() async throws {
        let server = try TestServer.shared()
        try await self.withFolder("[app]\nhost=localhost\nuser=\(TestServer.passwordUser)\ndbname=postgres\n") {
            folder in
            let passwords = "\(folder)/passwords"
            let port = server.port
            try Data(
                """
                # An address is no name.
                127.0.0.1:*:*:*:wrong
                localhost:\(port):postgres:\(TestServer.passwordUser):\(TestServer.password)
                *:*:*:*:wrong

                """.utf8
            ).write(to: URL(filePath: passwords))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwords)
            let environment = [
                "PGSERVICE": "app", "PGSERVICEFILE": "\(folder)/pg_service.conf", "PGPASSFILE": passwords,
                "PGPORT": "\(port)", "PGTZ": "Asia/Tokyo", "PGOPTIONS": "-c work_mem=7MB", "PGSSLMODE": "require",
                "PGDATESTYLE": "German",
            ]
            let query = """
                SELECT concat_ws(' ', current_user, current_database(), current_setting('TimeZone'), current_setting('DateStyle'),
                    current_setting('work_mem'), current_setting('application_name'),
                    (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()))
                """
            let configuration = try Configuration(connectionString: Secret(""), environment: environment)
            let connection = try await PQConnection.connect(configuration, logger: quiet)
            let ours = try await connection.cell(PQQuery(unsafeSQL: query), as: String.self)
            await connection.close()
            let psql = Process()
            psql.executableURL = URL(filePath: "/usr/bin/env")
            psql.arguments = ["psql", "-X", "-A", "-t", "-c", query]
            psql.environment = environment.merging(["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { $1 }
            let output = Pipe()
            psql.standardOutput = output
            try psql.run()
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            psql.waitUntilExit()
            #expect(String(decoding: text, as: UTF8.self) == ours + "\n")
            #expect(ours.contains(TestServer.passwordUser) && ours.contains("Asia/Tokyo"))
        }
    }
}
