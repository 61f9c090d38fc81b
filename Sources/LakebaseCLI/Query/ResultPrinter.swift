//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization

/// How rows are printed.
enum ResultFormat: String, CaseIterable, Sendable {
    case table, json, csv
}

/// Prints results to standard output as their rows come.
final class ResultPrinter: Sendable {
    private struct State {
        var text: any ResultText
        var bytes: [UInt8] = []
    }

    private let state: Mutex<State>

    init(_ format: ResultFormat) {
        let text: any ResultText =
            switch format {
            case .table: TableText()
            case .json: JSONText()
            case .csv: CSVText()
            }
        self.state = Mutex(State(text: text))
    }

    /// Takes rows of the result under way.
    ///
    /// - Throws: `Terminal.WriteFailure`, `PQError`.
    func add(_ rows: PQRows) throws {
        try self.state.withLock { state in
            try state.text.add(rows, to: &state.bytes)
            if state.bytes.count >= 65_536 { try Self.flush(&state) }
        }
    }

    /// Ends the result under way, and prints all there is of it.
    func finish(_ end: PQRows) throws {
        // A statement that returns no rows has no result to print.
        guard !end.columns.isEmpty else { return }
        try self.state.withLock { state in
            state.text.finish(end, to: &state.bytes)
            try Self.flush(&state)
        }
    }

    /// Prints what was taken so far of a result that does not end.
    func flush() throws {
        try self.state.withLock { state in
            state.text.abandon(to: &state.bytes)
            try Self.flush(&state)
        }
    }

    private static func flush(_ state: inout State) throws(Terminal.WriteFailure) {
        try Terminal.deliver(bytes: state.bytes)
        state.bytes.removeAll(keepingCapacity: true)
    }
}

/// A format at work.
protocol ResultText: Sendable {
    /// Takes rows of the result under way.
    mutating func add(_ rows: PQRows, to bytes: inout [UInt8]) throws

    /// Ends the result, which may have had no rows.
    mutating func finish(_ end: PQRows, to bytes: inout [UInt8])

    /// Writes what was held back of a result that failed half-way.
    mutating func abandon(to bytes: inout [UInt8])
}

extension ResultText {
    mutating func abandon(to bytes: inout [UInt8]) {}
}
