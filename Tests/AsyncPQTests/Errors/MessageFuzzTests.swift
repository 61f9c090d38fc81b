//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization
import TestSupport
import Testing

@testable import AsyncPQ

/// Messages of a server with a few bytes changed: each statement ends with rows or with an error, and nothing hangs.
@Suite("Mutated messages", .sharesTheMachine)
struct MessageFuzzTests {
    /// Writes the messages of a server that answers statements with them.
    private struct Script {
        var mutator: Mutator
        /// The statement that was sent last.
        var statement: [UInt8] = []

        private static func message(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
            var bytes = [kind.asciiValue ?? 0]
            bytes.appendBigEndian(Int32(clamping: body.count + 4))
            return bytes + body
        }

        private static func fields(_ fields: [(Character, String)]) -> [UInt8] {
            var bytes: [UInt8] = []
            for (name, value) in fields {
                bytes.append(name.asciiValue ?? 0)
                bytes += value.utf8
                bytes.append(0)
            }
            bytes.append(0)
            return bytes
        }

        private static let error = Self.fields([
            ("S", "ERROR"), ("V", "ERROR"), ("C", "42601"), ("M", "syntax error"), ("D", "detail"), ("H", "hint"),
            ("P", "8"), ("p", "9"), ("q", "SELECT"), ("W", "context"), ("s", "schema"), ("t", "table"), ("c", "column"),
            ("d", "type"), ("n", "constraint"), ("F", "scan.l"), ("L", "1188"), ("R", "scanner_yyerror"),
        ])
        private static let notice = Self.fields([
            ("S", "NOTICE"), ("V", "NOTICE"), ("C", "00000"), ("M", "äöü"), ("W", "context"),
            ("L", "99999999999999999999"),
        ])
        private static let notification: [UInt8] = [0, 0, 4, 210] + Array("channel\0payload\0".utf8)
        private static let setting = Array("client_encoding\0UTF8\0".utf8)

        private static func columns(_ columns: [(name: String, type: UInt32)]) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(Int16(clamping: columns.count))
            for column in columns {
                bytes += Array(column.name.utf8) + [0, 0, 0, 0, 0, 0, 0]
                bytes.appendBigEndian(column.type)
                bytes += [0, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1]
            }
            return bytes
        }

        private static func row(_ fields: [[UInt8]?]) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(Int16(clamping: fields.count))
            for field in fields {
                bytes.appendField { bytes in
                    guard let field else { return false }
                    bytes += field
                    return true
                }
            }
            return bytes
        }

        private static let hostile = Self.columns([("id", 20), ("title", 25), ("made_at", 1184), ("list", 1016)])
        private static let array: [UInt8] =
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7]
        private static let cells = Self.row([[0, 0, 0, 0, 0, 0, 0, 7], Array("title".utf8), nil, Self.array])

        /// A message whose content is changed, most times; its length is right.
        private mutating func changed(_ kind: Character, _ body: [UInt8]) -> [UInt8] {
            Self.message(kind, self.mutator.number(below: 4) == 0 ? body : self.mutator.mutated(body))
        }

        mutating func answer(_ kind: UInt8, _ body: [UInt8]) -> FakePostgres.Answer? {
            switch Character(UnicodeScalar(kind)) {
            case "P":
                self.statement = body
                return nil
            case "B":
                // Of the statements that have a name none is a COPY.
                if body.dropFirst().first != 0 { self.statement = [] }
                return nil
            case "D": return FakePostgres.Answer(self.describe(isStatement: body.first == UInt8(ascii: "S")))
            case "E": return self.execute()
            case _: return nil
            }
        }

        private var isCopy: Bool { self.statement.dropFirst().starts(with: "COPY".utf8) }

        private mutating func describe(isStatement: Bool) -> [UInt8] {
            let parameters = isStatement ? Self.message("t", [0, 0]) : []
            if self.isCopy { return parameters + Self.message("n", []) }
            // A description that libpq does not understand ends the connection, and so less else is seen.
            let columns = self.mutator.number(below: 16) == 0 ? self.mutator.mutated(Self.hostile) : Self.hostile
            return parameters + Self.message("T", columns)
        }

        private mutating func execute() -> FakePostgres.Answer {
            var bytes: [UInt8] = []
            for _ in 0..<self.mutator.number(below: 4) {
                switch self.mutator.number(below: 8) {
                case 0, 1, 2: bytes += self.changed("N", Self.notice)
                case 3, 4, 5: bytes += self.changed("A", Self.notification)
                case 6: bytes += Self.message("S", Self.setting)
                case _: bytes += self.changed("S", Self.setting)
                }
            }
            if self.isCopy {
                bytes += Self.message("H", [1, 0, 4, 0, 1, 0, 1, 0, 1, 0, 1])
                var data = BinaryRowEncoder.header
                for _ in 0..<3 { data += Self.cells }
                data += BinaryRowEncoder.trailer
                if self.mutator.number(below: 4) > 0 { data = self.mutator.mutated(data) }
                while !data.isEmpty {
                    let size = 1 + self.mutator.number(below: data.count)
                    bytes += Self.message("d", Array(data.prefix(size)))
                    data.removeFirst(size)
                }
                bytes += Self.message("c", []) + Self.message("C", Array("COPY 3\0".utf8))
            } else {
                for _ in 0..<self.mutator.number(below: 3) { bytes += self.changed("D", Self.cells) }
                let isError = self.mutator.number(below: 3) == 0
                bytes += isError ? self.changed("E", Self.error) : self.changed("C", Array("SELECT 2\0".utf8))
            }
            // Where lengths and kinds are changed too, the client may wait for what never comes.
            guard self.mutator.number(below: 32) == 0 else { return FakePostgres.Answer(bytes) }
            return FakePostgres.Answer(self.mutator.mutated(bytes), hangsUp: true)
        }
    }

    private struct Note: Decodable {
        var id: Int
        var title: String?
        var madeAt: String?
        var list: [Int]?
    }

    @Test(.timeLimit(.minutes(60)))
    func `statements whose answers are mutated end with rows or an error`() async throws {
        let script = Mutex(Script(mutator: Mutator(seed: 11)))
        let server = try FakePostgres { kind, body in script.withLock { $0.answer(kind, body) } }
        defer { server.stop() }
        let notices = Mutex(0)
        let notifications = Mutex(0)
        var (read, failed, copied, opened) = (0, 0, 0, 0)
        var open: PQConnection?
        for round in 0..<Fuzzing.rounds(40_000) {
            do {
                let connection: PQConnection
                if let open, await open.isOpen, round % 1000 != 0 {
                    connection = open
                } else {
                    await open?.close()
                    connection = try await PQConnection.connect(
                        server.configuration, on: testLoops.next(), logger: quiet)
                    await connection.onNotice { notice in notices.withLock { $0 += notice.message.utf8.count } }
                    await connection.observeNotifications { note in
                        notifications.withLock { $0 += note.payload.utf8.count }
                    }
                    open = connection
                    opened += 1
                }
                if round % 3 == 0 {
                    let rows = connection.copyOut(
                        "SELECT id, title, made_at, list FROM notes", as: (Int, String, PQTimestampTZ?, [Int]?).self)
                    for try await _ in rows { copied += 1 }
                } else {
                    let rows = try await connection.query("SELECT \(round % 7) FROM notes")
                    if (try? rows.decode((Int, String, PQTimestampTZ?, [Int]?).self)) != nil { read += rows.count }
                    if (try? rows.decode(Note.self)) != nil { read += rows.count }
                    _ = rows.affectedRows + rows.commandTag.utf8.count + rows.columns.count
                }
            } catch let error as PQError {
                _ = "\(error)"
                failed += 1
            }
        }
        await open?.close()
        #expect(read > 0 && failed > 0 && copied > 0 && opened > 1, "\((read, failed, copied, opened))")
        #expect(notices.withLock { $0 } > 0 && notifications.withLock { $0 } > 0)
    }

    @Test(.timeLimit(.minutes(60)))
    func `mutated texts of refused logins are read or not`() async {
        let samples = [
            "connection to server at \"h\" (127.0.0.1), port 5432 failed: FATAL:  28P01: password authentication failed\n"
                + "DETAIL:  äöü\nHINT:  none\nLOCATION:  auth_failed, auth.c:334\n",
            "FATAL:  57P03: the database system is starting up\n", "ERROR:  \u{1F600}", "PANIC:  XX000: \nDETAIL:  ",
        ].map { Array($0.utf8) }
        var mutator = Mutator(seed: 5)
        var read = 0
        for round in 0..<Fuzzing.rounds(30_000) {
            if round % 100 == 0 { await Task.yield() }
            let text = String(decoding: mutator.mutated(mutator.pick(samples)), as: UTF8.self)
            if let error = PQServerError(connectionMessage: text) {
                read += 1
                #expect(text.utf8.count >= error.message.utf8.count)
            }
        }
        #expect(read > 0)
    }

    @Test(.timeLimit(.minutes(60)))
    func `mutated data of a binary COPY is split into rows or refused`() async throws {
        var sample = BinaryRowEncoder.header
        for number in 0..<4 {
            sample += [0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, UInt8(number), 0, 0, 0, 4] + Array("text".utf8)
        }
        sample += BinaryRowEncoder.trailer
        var mutator = Mutator(seed: 6)
        var rows = 0
        for round in 0..<Fuzzing.rounds(50_000) {
            if round % 100 == 0 { await Task.yield() }
            var rest = mutator.mutated(sample)[...]
            var buffer = BinaryRowBuffer()
            do throws(PQError) {
                reading: while true {
                    switch try buffer.next() {
                    case .end: break reading
                    case .needsMore:
                        if rest.isEmpty { break reading }
                        let size = 1 + mutator.number(below: rest.count)
                        buffer.append(Array(rest.prefix(size)))
                        rest = rest.dropFirst(size)
                    case .row(let range, let count):
                        rows += 1
                        #expect(range.upperBound <= buffer.bytes.count && count >= 0)
                    }
                }
            } catch {
                #expect(error.code == .decodingFailed)
            }
        }
        #expect(rows > 0)
    }
}
