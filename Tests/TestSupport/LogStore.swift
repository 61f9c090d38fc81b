//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Logging
import Synchronization

/// Keeps every line that was logged, at every level, with its metadata.
package final class LogStore: Sendable {
    private let store = Mutex<[String]>([])

    package init() {}

    package var lines: [String] { self.store.withLock { $0 } }
    package var text: String { self.lines.joined(separator: "\n") }

    package var logger: Logger {
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
