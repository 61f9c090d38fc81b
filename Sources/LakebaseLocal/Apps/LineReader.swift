//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Synchronization

/// Reads a pipe to its end on a thread of its own, line by line.
final class LineReader: Sendable {
    /// A longer line is told in pieces, in bytes.
    static let longestLine = 16 * 1024

    private let done = Atomic<Bool>(false)

    /// Begins to read, and closes the descriptor at the end.
    init(_ descriptor: Int32, line: @escaping @Sendable (String) -> Void) {
        // read blocks, so it has a thread of its own; it ends with the writers.
        Thread.detachNewThread {
            Self.read(descriptor, line: line)
            close(descriptor)
            self.done.store(true, ordering: .releasing)
        }
    }

    /// Whether all was read.
    var isDone: Bool { self.done.load(ordering: .acquiring) }

    private static func read(_ descriptor: Int32, line: (String) -> Void) {
        var splitter = LineSplitter(limit: Self.longestLine)
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
    private var pending: [UInt8] = []

    init(limit: Int) { self.limit = limit }

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
                    lines.append(String(decoding: self.pending, as: UTF8.self))
                    self.pending.removeAll(keepingCapacity: true)
                }
            }
        }
        return lines
    }

    /// What came after the last line.
    var rest: String? { self.pending.isEmpty ? nil : String(decoding: self.pending, as: UTF8.self) }
}
