//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BenchmarkSupport

/// A way to read the rows of a large result.
enum RowReader {
    case streamedTuples
    case streamedStructs
    case wholeResult

    /// Reads that many rows in a task that prefers `executor`.
    func read(
        _ count: Int, _ connection: PQConnection, executor: (any TaskExecutor)?
    ) async throws -> ReadRows {
        let reading = Task(executorPreference: executor) { try await self.read(count, connection) }
        return try await reading.value
    }

    @concurrent
    private func read(_ count: Int, _ connection: PQConnection) async throws -> ReadRows {
        let query: PQQuery = "SELECT n, 'row ' || n AS text FROM (SELECT generate_series(1, \(count)::bigint) AS n) s"
        var rows = ReadRows()
        let (start, used) = (ContinuousClock.now, ThisProcess.processorSeconds)
        switch self {
        case .streamedTuples:
            for try await (number, text) in connection.stream(query).decode((Int64, String).self) {
                rows.add(number, text)
            }
        case .streamedStructs:
            for try await row in connection.stream(query).decode(NumberedText.self) { rows.add(row.n, row.text) }
        case .wholeResult:
            for (number, text) in try await connection.query(query).decode((Int64, String).self) {
                rows.add(number, text)
            }
        }
        rows.seconds = start.duration(to: .now).inSeconds
        rows.processorSeconds = ThisProcess.processorSeconds - used
        return rows
    }
}

private struct NumberedText: Decodable {
    var n: Int64
    var text: String
}

/// What was read, and how long it took.
struct ReadRows: Sendable {
    var seconds = 0.0
    var processorSeconds = 0.0
    var count = 0
    var sum: Int64 = 0
    var bytes = 0

    mutating func add(_ number: Int64, _ text: String) {
        self.count += 1
        self.sum &+= number
        self.bytes += text.utf8.count
    }

    func hasSameContent(as other: ReadRows) -> Bool {
        self.count == other.count && self.sum == other.sum && self.bytes == other.bytes
    }
}
