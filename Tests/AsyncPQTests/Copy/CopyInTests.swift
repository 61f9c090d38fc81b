//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import TestSupport
import Testing

@Suite("COPY into a table", .sharesTheMachine)
struct CopyInTests {
    private struct Enough: Error {}

    /// Texts that a format has to escape.
    static let texts: [String?] = [
        nil, "", "NULL", "\\N", "\"", "\"\"", "'", "\\", "\\.", "a\tb", "a\nb", "a\r\nb", "\r", ",", " , ", "ÄÖ 😀",
        "\u{1}",
    ]

    @Test(arguments: Way.allCases)
    func `CSV is copied, with NULLs, empty texts, quotes, backslashes and line ends`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int, title text)")
            let count = try await connection.copyIn("COPY notes (id, title) FROM STDIN WITH (FORMAT csv)") { writer in
                for (id, text) in Self.texts.enumerated() {
                    let cell = text.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\"" } ?? ""
                    try await writer.write("\(id),\(cell)\n")
                }
            }
            #expect(count == Self.texts.count)
            let titles = try await connection.query("SELECT title FROM notes ORDER BY id").decode(String?.self)
            #expect(titles == Self.texts)
        }
    }

    @Test func `names with quotes, capitals and dots are names, and text format has its escapes`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: #"CREATE SCHEMA "My.Schema"; CREATE TABLE "My.Schema"."No""tes" ("Id" int, "a.b" text)"#)
            let count = try await connection.copyIn(
                table: "No\"tes", schema: "My.Schema", columns: ["a.b", "Id"], format: .text
            ) { writer in
                try await writer.write("x\\ty\t1\n\\N\t2\n")
            }
            #expect(count == 2)
            let rows = try await connection.query(#"SELECT "Id", "a.b" FROM "My.Schema"."No""tes" ORDER BY 1"#)
                .decode((Int, String?).self)
            #expect(rows.map(\.0) == [1, 2] && rows.map(\.1) == ["x\ty", nil])
            let more = try await connection.copyIn(table: "No\"tes", schema: "My.Schema", columns: ["Id"]) { writer in
                try await writer.row(Int32(3))
            }
            #expect(more == 1)
            var csv: [UInt8] = []
            for try await chunk in connection.copyOut(
                table: "No\"tes", schema: "My.Schema", format: .csv(header: true, delimiter: ";", null: "it's \\ none"))
            {
                csv += chunk
            }
            #expect(
                String(decoding: csv, as: UTF8.self)
                    == "Id;a.b\n1;x\ty\n2;it's \\ none\n3;it's \\ none\n")
            try await connection.execute(script: #"DROP SCHEMA "My.Schema" CASCADE"#)
        }
    }

    @Test(.loadsTheMachine, arguments: [Way.socket, .tls])
    func `a hundred megabytes go in and out in bounded memory, in chunks of any size`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE big (n int, filler text)")
            let filler = String(repeating: "abcdefghi\\\\", count: 90)
            let lines = (0..<200).map { "\($0)\t\(filler)\n" }.joined()
            let total = 100_000_000 / lines.utf8.count
            let before = Memory.residentMegabytes()
            let chunks = AsyncStream<Substring.UTF8View> { continuation in
                continuation.finish()
            }
            let none = try await connection.copyIn(table: "big", format: .text, from: chunks)
            #expect(none == 0)
            let count = try await connection.copyIn(table: "big", format: .text, from: Repeated(lines, total))
            #expect(count == total * 200)
            var (bytes, largest) = (0, 0)
            for try await chunk in connection.copyOut(table: "big", format: .text) {
                bytes += chunk.count
                largest = max(largest, chunk.count)
            }
            #expect(bytes == total * lines.utf8.count)
            #expect(largest < 70_000, "a chunk has at most 64 kB and the rest of a row")
            if let before, let after = Memory.residentMegabytes() {
                #expect(after - before < 60, "megabytes more after a hundred were copied")
            }
        }
    }

    @Test func `what the closure throws leaves nothing behind, and the connection goes on`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            for size in [0, 1, 100_000] {
                await #expect(throws: Enough.self) {
                    try await connection.copyIn("COPY notes FROM STDIN") { writer in
                        for id in 0..<size { try await writer.write("\(id)\n") }
                        throw Enough()
                    }
                }
                let count = try await connection.cell("SELECT count(*) FROM notes", as: Int.self)
                #expect(count == 0)
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `a row that the server refuses ends the COPY while it is still being written`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            let error = try await pqError {
                try await connection.copyIn("COPY notes FROM STDIN") { writer in
                    for id in 0..<1000 { try await writer.write("\(id)\n") }
                    // A sequence that does not end by itself.
                    while true { try await writer.write("not a number\n") }
                }
            }
            #expect(error.sqlState == .invalidTextRepresentation, "\(error)")
            #expect(
                error.server?.context?.contains("line 1001") ?? false, "\(String(describing: error.server?.context))")
            let count = try await connection.cell("SELECT count(*) FROM notes", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test func `a refused last row is an error too, and so is one whose error the closure swallows`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int UNIQUE)")
            let last = try await pqError {
                try await connection.copyIn("COPY notes FROM STDIN") { try await $0.write("1\n1\n") }
            }
            #expect(last.sqlState == .uniqueViolation)
            let swallowed = try await pqError {
                try await connection.copyIn("COPY notes FROM STDIN") { writer in
                    do {
                        while true { try await writer.write("1\n") }
                    } catch {}
                }
            }
            #expect(swallowed.sqlState == .uniqueViolation)
            let count = try await connection.cell("SELECT count(*) FROM notes", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test func `notices during a COPY are not taken for its end`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TEMP TABLE noisy (id int);
                    CREATE FUNCTION pg_temp.tell() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN RAISE NOTICE 'row % %', NEW.id, repeat('x', 2000); RETURN NEW; END $$;
                    CREATE TRIGGER tell BEFORE INSERT ON noisy FOR EACH ROW EXECUTE FUNCTION pg_temp.tell()
                    """)
            let count = try await connection.copyIn("COPY noisy FROM STDIN") { writer in
                for id in 0..<20_000 { try await writer.write("\(id)\n") }
            }
            #expect(count == 20_000)
        }
    }

    @Test func `a writer is of no use after its closure`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            var kept: PQCopyWriter?
            try await connection.copyIn("COPY notes FROM STDIN") { kept = $0 }
            let writer = try #require(kept)
            #expect(try await pqError { try await writer.write("1\n") }.code == .unsupported)
            let count = try await connection.cell("SELECT count(*) FROM notes", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test func `only COPY runs as COPY, in its own direction and without bound values`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            for sql in [
                "INSERT INTO notes VALUES (1)", "SELECT 1", "", "COPY notes TO STDOUT", "COPY missing FROM STDIN",
            ] {
                _ = try await pqError { try await connection.copyIn(PQQuery(unsafeSQL: sql)) { _ in } }
            }
            for sql in ["INSERT INTO notes VALUES (1)", "COPY notes FROM STDIN", "COPY missing TO STDOUT"] {
                _ = try await pqError { for try await _ in connection.copyOut(PQQuery(unsafeSQL: sql)) {} }
            }
            let bound = try await pqError {
                for try await _ in connection.copyOut(query: "SELECT \(1)", format: .csv) {}
            }
            #expect(bound.message.contains("bound"))
            let count = try await connection.cell("SELECT count(*) FROM notes", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test func `COPY by query or script is an error, and the connection stays open`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int); INSERT INTO notes VALUES (7)")
            for sql in [
                "COPY notes FROM STDIN", "COPY notes TO STDOUT",
                "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT",
            ] {
                for onLoop in [false, true] {
                    for _ in 0..<3 {
                        let error = try await pqError {
                            if onLoop {
                                try await withTaskExecutorPreference(connection.eventLoop) {
                                    _ = try await connection.query(PQQuery(unsafeSQL: sql))
                                }
                            } else {
                                _ = try await connection.query(PQQuery(unsafeSQL: sql))
                            }
                        }
                        #expect(error.code == .unsupported && error.message.contains("copy"), "\(error)")
                    }
                }
                #expect(try await pqError { try await connection.execute(script: sql) }.code == .unsupported)
                #expect(
                    try await pqError { try await connection.stream(PQQuery(unsafeSQL: sql)) { _ in } }.code
                        == .unsupported)
                let sum = try await connection.cell("SELECT sum(id)::int FROM notes", as: Int.self)
                #expect(sum == 7)
            }
            #expect(await connection.isOpen)
        }
    }

    @Test func `a query inside of its own COPY is an error and not a hang`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            let error = try await pqError {
                try await connection.copyIn("COPY notes FROM STDIN") { _ in try await connection.query("SELECT 1") }
            }
            #expect(error.code == .busy && error.message.contains("COPY"))
            let inner = try await pqError {
                for try await _ in connection.copyOut("COPY (SELECT 1) TO STDOUT") {
                    try await connection.query("SELECT 1")
                }
            }
            #expect(inner.code == .busy)
            let next = try await connection.cell("SELECT 5", as: Int.self)
            #expect(next == 5)
        }
    }

    @Test func `a COPY is part of its transaction, and an inner one can be undone`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            try await connection.withTransaction { connection in
                try await connection.copyIn("COPY notes FROM STDIN") { try await $0.write("1\n2\n") }
                await #expect(throws: Enough.self) {
                    try await connection.withTransaction { connection in
                        try await connection.copyIn("COPY notes FROM STDIN") { writer in
                            try await writer.write("3\n")
                            throw Enough()
                        }
                    }
                }
            }
            await #expect(throws: Enough.self) {
                try await connection.withTransaction { connection in
                    try await connection.copyIn("COPY notes FROM STDIN") { try await $0.write("4\n") }
                    throw Enough()
                }
            }
            let rows = try await connection.query("SELECT id FROM notes ORDER BY id").decode(Int.self)
            #expect(rows == [1, 2])
        }
    }

    @Test func `the observer receives a COPY like any statement`() async throws {
        let observer = RecordingObserver()
        try await withConnection(change: { $0.queryObserver = observer }) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            try await connection.copyIn("COPY notes FROM STDIN") { try await $0.write("1\n") }
            for try await _ in connection.copyOut("COPY notes TO STDOUT") {}
            _ = try await pqError { try await connection.copyIn("COPY notes FROM STDIN") { try await $0.write("x\n") } }
        }
        #expect(
            observer.ends.suffix(3) == [
                "COPY notes FROM STDIN: COPY 1", "COPY notes TO STDOUT: COPY 1", "COPY notes FROM STDIN: failed",
            ])
    }
}

/// Memory of this process.
enum Memory {
    /// Megabytes in use now, where the system tells.
    static func residentMegabytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map {
            $0 * sysconf(Int32(_SC_PAGESIZE)) >> 20
        }
    }
}

/// A text again and again, in chunks of changing size.
struct Repeated: AsyncSequence {
    private let bytes: [UInt8]
    private let count: Int

    init(_ text: String, _ count: Int) {
        self.bytes = Array(text.utf8)
        self.count = count
    }

    func makeAsyncIterator() -> Iterator { Iterator(bytes: self.bytes, left: self.count) }

    struct Iterator: AsyncIteratorProtocol {
        let bytes: [UInt8]
        var left: Int
        var rest: ArraySlice<UInt8> = []
        var size = 1

        mutating func next() async -> ArraySlice<UInt8>? {
            if self.rest.isEmpty {
                guard self.left > 0 else { return nil }
                self.left -= 1
                self.rest = self.bytes[...]
            }
            self.size = (self.size * 7 + 13) % 300_007
            defer { self.rest = self.rest.dropFirst(self.size) }
            return self.rest.prefix(self.size)
        }
    }
}
