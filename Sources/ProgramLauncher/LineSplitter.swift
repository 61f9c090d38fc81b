//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Cuts bytes into lines, however they arrive.
struct LineSplitter {
    /// Where longer lines are cut, in bytes: a program that never ends its line does not fill the memory.
    let limit: Int
    private var line: [UInt8] = []

    init(limit: Int = 128 << 10) { self.limit = max(1, limit) }

    /// Takes in further bytes, and calls `body` for each line that is complete, without its end.
    mutating func append(_ bytes: some Sequence<UInt8>, _ body: (String) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if self.line.last == UInt8(ascii: "\r") { self.line.removeLast() }
                self.flush(body)
            } else {
                if self.line.count == self.limit { self.flush(body) }
                self.line.append(byte)
            }
        }
    }

    /// The line that has no end, if there is one.
    mutating func finish(_ body: (String) -> Void) { if !self.line.isEmpty { self.flush(body) } }

    private mutating func flush(_ body: (String) -> Void) {
        body(String(decoding: self.line, as: UTF8.self))
        self.line.removeAll(keepingCapacity: true)
    }
}
