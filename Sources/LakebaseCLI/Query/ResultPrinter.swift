//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization

/// The format in which rows are printed.
enum ResultFormat: String, CaseIterable, Sendable {
    case table, json, csv
}

/// Prints results to standard output as their rows arrive.
final class ResultPrinter: Sendable {
    private struct State {
        /// The current result.
        var text: (any ResultText)?
        var bytes: [UInt8] = []
        /// How many results were printed.
        var results = 0
    }

    private let format: ResultFormat
    private let state = Mutex(State())

    init(_ format: ResultFormat) { self.format = format }

    /// Prints rows of the current result.
    ///
    /// - Throws: `Terminal.WriteFailure`, `PQError`.
    func add(_ rows: PQRows) throws {
        // SELECT without a list has rows, but nothing that could be printed.
        guard !rows.columns.isEmpty else { return }
        try self.state.withLock { state in
            var text = state.text ?? self.format.text(of: rows, isFirst: state.results == 0)
            // Two owners would copy what is held back with each row.
            state.text = nil
            defer { state.text = text }
            try text.add(rows, to: &state.bytes)
            if state.bytes.count >= 65_536 { try Self.flush(&state) }
        }
    }

    /// Ends the current result, and prints its remaining rows.
    func finish(_ end: PQRows) throws {
        // A statement that returns no columns has no result to print.
        guard !end.columns.isEmpty else { return }
        try self.state.withLock { state in
            var text = state.text ?? self.format.text(of: end, isFirst: state.results == 0)
            state.text = nil
            state.results += 1
            text.finish(to: &state.bytes)
            try Self.flush(&state)
        }
    }

    /// Prints the rows so far of a result that does not end.
    func flush() throws {
        try self.state.withLock { state in
            if var text = state.text {
                state.text = nil
                state.results += 1
                text.abandon(to: &state.bytes)
            }
            try Self.flush(&state)
        }
    }

    private static func flush(_ state: inout State) throws(Terminal.WriteFailure) {
        try Terminal.deliver(bytes: state.bytes)
        state.bytes.removeAll(keepingCapacity: true)
    }
}

extension ResultFormat {
    /// One result in this format.
    fileprivate func text(of rows: PQRows, isFirst: Bool) -> any ResultText {
        switch self {
        case .table: TableText(rows, isFirst: isFirst)
        case .json: JSONText(rows)
        case .csv: CSVText(rows, isFirst: isFirst)
        }
    }
}

/// Formats the rows of one result.
protocol ResultText: Sendable {
    /// Appends rows of the result.
    mutating func add(_ rows: PQRows, to bytes: inout [UInt8]) throws

    /// Ends the result, which may have had no rows.
    mutating func finish(to bytes: inout [UInt8])

    /// Writes the rows that were held back of a result that failed.
    mutating func abandon(to bytes: inout [UInt8])
}

extension ResultText {
    mutating func abandon(to bytes: inout [UInt8]) {}
}
