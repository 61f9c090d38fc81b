//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Synchronization

/// Reads a pipe to its end on a thread of its own, line by line.
final class LineReader: Sendable {
    /// A longer line is told in pieces, in bytes.
    static let longestLine = 16 * 1024

    private let done = Atomic<Bool>(false)

    /// Begins to read, and closes the descriptor at the end.
    ///
    /// - Parameter secret: Is never cut in two by the limit of a line.
    init(_ descriptor: Int32, secret: Secret, line: @escaping @Sendable (String) -> Void) {
        // read blocks, so it has a thread of its own; it ends with the writers.
        Thread.detachNewThread {
            Self.read(descriptor, secret, line: line)
            close(descriptor)
            self.done.store(true, ordering: .releasing)
        }
    }

    /// Whether all was read.
    var isDone: Bool { self.done.load(ordering: .acquiring) }

    private static func read(_ descriptor: Int32, _ secret: Secret, line: (String) -> Void) {
        var splitter = LineSplitter(limit: Self.longestLine, secret: secret)
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Foundation.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for text in splitter.take(bytes[..<count]) { line(text) }
        }
        if let rest = splitter.rest { line(rest) }
    }
}

/// Makes lines of bytes, as a value.
struct LineSplitter {
    let limit: Int
    private let secret: Secret
    private var pending: [UInt8] = []

    /// - Parameter secret: A piece does not end within it, so that it is found in one of them.
    init(limit: Int, secret: Secret = Secret("")) {
        self.limit = limit
        self.secret = secret
    }

    /// The lines that are complete with these bytes.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if self.pending.last == UInt8(ascii: "\r") { self.pending.removeLast() }
                lines.append(String(decoding: self.pending, as: UTF8.self))
                self.pending.removeAll(keepingCapacity: true)
            } else {
                self.pending.append(byte)
                // Not within a character: continuation bytes go with what they continue.
                if self.pending.count >= self.limit, byte & 0x80 == 0 || self.pending.count >= self.limit + 4 {
                    let kept = self.secret.withUnsafeValue { Redaction.unfinished(self.pending, secret: $0) }
                    // All of it only where the limit is shorter than the secret: then the next byte decides.
                    guard kept < self.pending.count else { continue }
                    lines.append(String(decoding: self.pending.dropLast(kept), as: UTF8.self))
                    self.pending.removeFirst(self.pending.count - kept)
                }
            }
        }
        return lines
    }

    /// What came after the last line.
    var rest: String? { self.pending.isEmpty ? nil : String(decoding: self.pending, as: UTF8.self) }
}
