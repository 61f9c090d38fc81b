//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import Secrets
import Synchronization

/// Reads a pipe to its end on a thread of its own, line by line.
final class LineReader: Sendable {
    /// The length in bytes from which a line comes in pieces.
    static let longestLine = 16 * 1024

    private let done = Atomic<Bool>(false)

    /// Begins to read, and closes the descriptor at the end.
    ///
    /// - Parameter secrets: Are never cut in two by the limit of a line.
    init(_ descriptor: Int32, secrets: [Secret], line: @escaping @Sendable (String) -> Void) {
        // read blocks, so it has a thread of its own; it ends with the writers.
        Thread.detachNewThread {
            Self.read(descriptor, secrets, line: line)
            close(descriptor)
            self.done.store(true, ordering: .releasing)
        }
    }

    /// Whether all was read.
    var isDone: Bool { self.done.load(ordering: .acquiring) }

    private static func read(_ descriptor: Int32, _ secrets: [Secret], line: (String) -> Void) {
        let parts = secrets.flatMap { Redaction.parts(of: $0) }
        var splitter = LineSplitter(limit: Self.longestLine) { Redaction.unfinished($0, secrets: parts) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Foundation.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            splitter.append(bytes[..<count], line)
        }
        splitter.finish(line)
    }
}
