//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import Synchronization

/// Keeps every line that was logged, at every level, with its metadata.
final class LogStore: Sendable {
    private let store = Mutex<[String]>([])

    var lines: [String] { self.store.withLock { $0 } }
    var text: String { self.lines.joined(separator: "\n") }

    var logger: Logger {
        var logger = Logger(label: "test", factory: { _ in Handler(store: self) })
        logger.logLevel = .trace
        return logger
    }

    private func append(_ line: String) { self.store.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let store: LogStore
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.store.append("\(event.level) \(event.message) \(all)")
        }
    }
}
