//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport

/// Decodes rows of a bigint and a text, beside a C program in libpq's single-row mode.
struct RowsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rows",
        abstract: "A million rows (bigint, text), decoded; and the memory that streaming them takes.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var libpq: LibpqPeers
    @Option(name: .customLong("rows"), help: "How many rows.") var count = 1_000_000

    /// Results of more rows are not read as a whole: they would fill the memory.
    private static let wholeLimit = 2_000_000

    func run() async throws {
        try await self.measureMemory()
        let loop = try PQEventLoop()
        defer { loop.stop() }
        let connection = try await self.options.server.connect(on: loop)
        let readers = self.readers(connection, loop)
        var wall = ResultTable(baseline: readers[0].name, called: "C", decimals: 3)
        var processor = wall
        for _ in 0..<self.options.rounds {
            var expected: ReadRows?
            for reader in readers {
                let rows = try await reader.read()
                guard expected.map({ rows.hasSameContent(as: $0) }) ?? true else {
                    throw ProgramFailure(program: reader.name, output: "it read other rows than the first: \(rows)")
                }
                expected = rows
                wall.add(reader.name, goal: .atMost(1.3), rows.seconds)
                processor.add(reader.name, rows.processorSeconds)
            }
        }
        await connection.close()
        say("\n\(self.count) rows (bigint, text), seconds; median of \(self.options.rounds) rounds\n\(wall)")
        say("\nthe same, seconds of the client's processor\n\(processor)")
    }

    private struct Reader {
        var name: String
        var read: () async throws -> ReadRows
    }

    /// C comes first.
    private func readers(_ connection: PQConnection, _ loop: PQEventLoop) -> [Reader] {
        let (server, count) = (self.options.server, self.count)
        var ways: [(String, RowReader, PQEventLoop?)] = [
            ("stream of tuples", .streamedTuples, loop), ("stream of Decodable structs", .streamedStructs, loop),
            ("stream of tuples, task not on the loop", .streamedTuples, nil),
        ]
        if count <= Self.wholeLimit { ways.append(("whole result, tuples", .wholeResult, loop)) }
        let c = Reader(name: "C, libpq's single-row mode") { [libpq] in
            let numbers = try await server.numbers(libpq.rows, [server.connectionString, "\(count)", "1"])
            guard numbers.count == 5 else { throw ProgramFailure(program: "rows", output: "\(numbers)") }
            return ReadRows(
                seconds: numbers[0], processorSeconds: numbers[1], count: Int(numbers[2]), sum: Int64(numbers[3]),
                bytes: Int(numbers[4]))
        }
        return [c]
            + ways.map { name, reader, executor in
                Reader(name: name) { try await reader.read(count, connection, executor: executor) }
            }
    }

    private func measureMemory() async throws {
        let server = self.options.server
        let kilobytes = try await server.numbers(
            ThisProcess.program,
            [
                "streamed-memory", "--port", "\(server.port)", "--host", server.host, "--user", server.user,
                "--database", server.database, "--rows", "\(self.count)",
            ])
        guard kilobytes.count == 2 else { throw ProgramFailure(program: "streamed-memory", output: "\(kilobytes)") }
        say("streaming \(self.count) rows (bigint, text) in a process of its own:")
        say(megabytes("  peak of the resident memory", kilobytes[0], goal: 32))
        say(megabytes("  before the first row", kilobytes[1], goal: nil))
    }
}

/// Streams rows in a process that does nothing else; prints the peak of its resident memory in kB, and that before.
struct StreamedMemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "streamed-memory", shouldDisplay: false)

    @OptionGroup var options: ServerOptions
    @Option(name: .customLong("rows"), help: "How many rows.") var count = 1_000_000

    func run() async throws {
        let loop = try PQEventLoop()
        defer { loop.stop() }
        let connection = try await self.options.server.connect(on: loop)
        _ = try await connection.query("SELECT 1")
        let before = try ThisProcess.kilobytes("VmRSS")
        let rows = try await RowReader.streamedTuples.read(self.count, connection, executor: loop)
        guard rows.count == self.count else { throw ProgramFailure(program: "the stream", output: "\(rows)") }
        say("\(try ThisProcess.kilobytes("VmHWM")) \(before)")
        await connection.close()
    }
}

/// A line with an amount of memory.
private func megabytes(_ name: String, _ kilobytes: Double, goal: Double?) -> String {
    let value = (kilobytes / 1024 * 10).rounded() / 10
    let line = name.padded(to: 44) + "\(value) MB"
    return goal.map { "\(line), goal less than \($0) MB: \(value < $0 ? "reached" : "missed")" } ?? line
}
