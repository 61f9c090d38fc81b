//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import LakebaseSchema
import Logging

/// Runs the statements of a script over one connection and prints what they return.
struct QueryRun: Sendable {
    let configuration: LakebaseConfiguration
    let script: QueryScript
    let parameters: [String]
    let isOneTransaction: Bool
    let printer: ResultPrinter

    func run() async throws {
        var logger = Logger(label: "lakebase", factory: { _ in ServerNotices() })
        logger.logLevel = .debug
        let quiet = logger
        try await withThrowingTaskGroup(of: Void.self) { group in
            let words = self.configuration.waitingWords
            group.addTask { await Progress { words }.show() }
            defer { group.cancelAll() }
            try await LakebaseConnection.withConnection(self.configuration, logger: quiet) { connection in
                group.cancelAll()
                // Nothing is printed before the line about waiting is gone.
                try await group.waitForAll()
                try await self.run(on: connection)
            }
        }
    }

    private func run(on connection: PQConnection) async throws {
        guard !self.isOneTransaction else {
            return try await connection.withTransaction { connection in
                for item in self.script.items { try await self.run(item, on: connection) }
            }
        }
        for item in self.script.items { try await self.run(item, on: connection) }
        switch await connection.transactionStatus {
        case .idle, .unknown: break
        case .active, .inTransaction, .inFailedTransaction:
            await connection.rollback()
            throw CommandError("the script left a transaction open, which was rolled back; end it with COMMIT")
        }
    }

    private func run(_ item: QueryScript.Item, on connection: PQConnection) async throws {
        var bindings = PQBindings()
        for parameter in self.parameters { bindings.append(parameter) }
        do {
            let printer = self.printer
            let query = PQQuery(unsafeSQL: item.statement.text, bindings: bindings)
            let end = try await connection.stream(query, format: .text) { rows in try printer.add(rows) }
            try printer.finish(end)
            if end.columns.isEmpty { Terminal.note(end.commandTag) }
        } catch let error as PQError {
            // The rows before the failure are printed.
            try printer.flush()
            throw QueryFailure(item: item, error: error)
        }
    }
}

/// A statement that failed: place, reason, detail, remedy, statement.
struct QueryFailure: Error, CustomStringConvertible {
    var item: QueryScript.Item
    var error: PQError

    var description: String {
        let line = self.item.statement.line(of: self.error)
        // The author of the statement may see the values in it.
        var text = "\(self.item.source):\(line): \(self.error.descriptionWithValues)"
        if let detail = self.error.detail { text += "\n  detail: \(detail)" }
        // The general entry would say to read what stands here already.
        if let problem = LakebaseProblem.of(self.error), problem != .statementRefused {
            text += "\n  remedy: \(problem.remedy) [\(problem.id)]"
        }
        return text + "\n" + SQLScript.excerpt(self.item.statement.text)
    }
}

/// Prints notices of the server, such as those of RAISE NOTICE, and nothing else that is logged.
private struct ServerNotices: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let severity = event.metadata?["pq.severity"], let notice = event.metadata?["pq.notice"] else { return }
        Terminal.note("\(severity): \(TableText.visible("\(notice)", keepsLines: true))")
    }
}
