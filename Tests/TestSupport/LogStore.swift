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

    /// A logger that writes here, whatever the level.
    package var logger: Logger { self.logger(at: .trace) }

    /// A logger that writes here from a level on.
    package func logger(at level: Logger.Level) -> Logger {
        var logger = Logger(label: "test", factory: { _ in Handler(store: self) })
        logger.logLevel = level
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
            let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            self.store.append("\(event.level) \(event.message) \(text)")
        }
    }
}
