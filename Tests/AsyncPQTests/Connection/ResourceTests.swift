//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// Run one after the other, since they measure the whole process.
@Suite("Resources", .serialized)
struct ResourceTests {
    /// Memory in use now, in megabytes, where the system tells.
    private static func residentMegabytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map {
            $0 * sysconf(Int32(_SC_PAGESIZE)) >> 20
        }
    }

    /// The files among this process's descriptors that are sockets.
    private static func sockets() -> Int {
        let folder = "/proc/self/fd"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return 0 }
        return names.count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasPrefix("socket:")
                == true
        }
    }

    @Test(arguments: [Way.socket, .tls])
    func `a hundred megabytes of rows arrive whole`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            var peaks: [Int] = []
            for _ in 0..<3 {
                let rows = try await connection.query(
                    "SELECT g, repeat(chr(97 + g % 26), 10000) FROM generate_series(1, 10000) g")
                var total = 0
                for row in rows { total += try row.decode(String.self, at: 1).utf8.count }
                #expect(total == 100_000_000)
                #expect(try rows[9_999].decode((Int, String).self).0 == 10_000)
                if let now = Self.residentMegabytes() { peaks.append(now) }
            }
            if let first = peaks.first, let last = peaks.last {
                #expect(last - first < 100, "megabytes with each of three such results in hand: \(peaks)")
            }
        }
    }

    @Test(arguments: [Way.socket, .tls])
    func `a parameter of fifty megabytes goes there and back`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            var generator = SeededGenerator(seed: 3)
            var bytes = Data(count: 50_000_000)
            bytes.withUnsafeMutableBytes { raw in
                for index in stride(from: 0, to: raw.count, by: 8) {
                    raw.storeBytes(of: generator.next(), toByteOffset: index, as: UInt64.self)
                }
            }
            let back = try await connection.cell("SELECT \(bytes)", as: Data.self)
            #expect(back == bytes)
        }
    }

    @Test func `more than PostgreSQL takes in one message is refused before it is sent`() async throws {
        try await withConnection { connection in
            let error = try await pqError { try await connection.query("SELECT \(Data(count: 1 << 30))") }
            #expect(error.code == .unsupported)
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test func `a thousand connections one after the other leave no socket behind`() async throws {
        let before = Self.sockets()
        for number in 0..<1000 {
            if number % 10 == 0 {
                var configuration = try TestServer.shared().socket
                configuration.database = "missing"
                _ = try await pqError { try await PQConnection.connect(configuration, logger: quiet) }
            } else if number % 10 == 1 {
                // Dropped without being closed.
                _ = try await PQConnection.connect(try TestServer.shared().socket, logger: quiet)
            } else {
                try await withConnection { #expect(await $0.isOpen) }
            }
        }
        // Other tests of this run have sockets open, but never a thousand.
        #expect(Self.sockets() - before < 100)
        try await withConnection { observer in
            try await eventually {
                try await observer.cell(
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", as: Int.self) < 100
            }
        }
    }
}
