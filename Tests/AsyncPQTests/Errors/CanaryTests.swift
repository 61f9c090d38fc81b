//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Secrets
import TestSupport
import Testing

@Suite("Passwords do not show")
struct CanaryTests {
    private func everyText(of value: some Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value) \(String(reflecting: value)) \(dumped) \(value as? any Error).debugDescription)"
    }

    @Test func `neither a configuration nor a connection nor an error contains the password`() async throws {
        let log = LogStore()
        let configuration = try TestServer.shared().tls
        let connection = try await PQConnection.connect(configuration, logger: log.logger)
        var texts = [self.everyText(of: configuration), self.everyText(of: connection)]
        texts.append(self.everyText(of: try await pqError { try await connection.query("SELECT 1/0") }))
        await connection.close()
        texts.append(self.everyText(of: try await pqError { try await connection.query("SELECT 1") }))

        for change: (inout PQConnection.Configuration) -> Void in [
            { $0.username = "nobody" }, { $0.database = "nothing" }, { $0.port = 1 }, { $0.host = "nowhere.invalid" },
            { $0.tls = .disable }, { $0.rootCertificate = "/nonexistent" }, { $0.port = 0 },
        ] {
            var wrong = configuration
            change(&wrong)
            texts.append(
                self.everyText(of: try await pqError { try await PQConnection.connect(wrong, logger: log.logger) }))
        }
        texts += log.lines
        #expect(texts.count > 9)
        for text in texts { #expect(!text.contains(TestServer.password)) }
    }

    @Test func `bound values stay out of errors`() async throws {
        try await withConnection { connection in
            let value = "value-canary"
            let error = try await pqError { try await connection.query("SELECT 1/0, \(value)") }
            #expect(!self.everyText(of: error).contains("value-canary"))
            #expect(error.query == "SELECT 1/0, $1")
        }
    }

    @Test func `values that the server quotes stay out of the description`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TYPE pg_temp.mood AS ENUM ('sad')")
            let value = "value-canary \" ' » “x”"
            let queries: [PQQuery] = [
                "SELECT \(value)::int", "SELECT \(value)::uuid", "SELECT \(value)::timestamptz",
                "SELECT \(value)::int[]",
                "SELECT \(value)::pg_temp.mood", "SELECT \(value)::jsonb", "SELECT \(value)::numeric",
                "SELECT \(value)::bool",
                "SELECT to_number(\(value), '999')", "SELECT set_config('work_mem', \(value), true)",
            ]
            for query in queries {
                let error = try await pqError { try await connection.query(query) }
                #expect(!"\(error)".contains("canary"), "\(error)")
                #expect("\(error)".contains("SQLSTATE \(error.sqlState?.rawValue ?? "")"))
            }
            let number = try await pqError { try await connection.query("SELECT \("99987766554")::int") }
            #expect("\(number)" == "value \"…\" is out of range for type integer (SQLSTATE 22003)")
            #expect(number.serverMessage?.contains("99987766554") == true)
            let name = try await pqError { try await connection.query("SELECT no_column") }
            #expect("\(name)".contains("\"no_column\""), "names are no values")
        }
    }
}
