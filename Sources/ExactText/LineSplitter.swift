//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Cuts bytes into lines, however they arrive.
///
/// A line ends with a line feed, or a carriage return and a line feed. One that is longer than the limit is cut, so that a
/// program that never ends its line does not fill the memory: at the next byte that does not continue a UTF-8 character.
package struct LineSplitter: Sendable {
    /// The length in bytes from which a line is cut.
    package let limit: Int
    /// How many bytes at the end of a piece belong to the next one.
    private let held: @Sendable ([UInt8]) -> Int
    private var pending: [UInt8] = []
    /// The length at which the next cut is tried.
    private var cut: Int
    /// Whether what is pending continues a line that was cut.
    private var isContinued = false

    /// - Parameters:
    ///   - limit: The length in bytes from which a line is cut; at least 1.
    ///   - held: How many of a piece's last bytes are kept for the next piece, because they may be the beginning of what must not
    ///     be cut, such as a secret. When it holds all of them, the piece grows, to 16 times the limit at most.
    package init(limit: Int, holding held: @escaping @Sendable ([UInt8]) -> Int = { _ in 0 }) {
        self.limit = max(1, limit)
        self.held = held
        self.cut = self.limit
    }

    /// Takes in further bytes, and calls `body` for each line or piece that is complete, without its end.
    package mutating func append(_ bytes: some Sequence<UInt8>, _ body: (String) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if self.pending.last == UInt8(ascii: "\r") { self.pending.removeLast() }
                // Nothing is left of a line whose last piece ended at the limit.
                if !self.pending.isEmpty || !self.isContinued { self.flush(self.pending.count, body) }
                self.isContinued = false
            } else {
                if self.pending.count >= self.cut { self.cutIfPossible(before: byte, body) }
                self.pending.append(byte)
            }
        }
    }

    /// Calls `body` for the line that has no end, if there is one.
    package mutating func finish(_ body: (String) -> Void) {
        if !self.pending.isEmpty { self.flush(self.pending.count, body) }
        self.isContinued = false
    }

    private mutating func cutIfPossible(before byte: UInt8, _ body: (String) -> Void) {
        // A character has three such bytes at most; more of them are no text.
        let isInsideCharacter = byte & 0xC0 == 0x80 && self.pending.count < self.cut &+ 3
        guard !isInsideCharacter else { return }
        let most = self.limit.multipliedReportingOverflow(by: 16)
        let held = max(0, self.held(self.pending))
        if held < self.pending.count {
            self.flush(self.pending.count - held, body)
        } else if !most.overflow, self.pending.count >= most.partialValue {
            self.flush(self.pending.count, body)
        } else {
            // Not at each byte, which would take the square of the time.
            self.cut = self.pending.count + max(1, self.pending.count / 8)
            return
        }
        self.isContinued = true
        self.cut = max(self.limit, self.pending.count + 1)
    }

    /// Hands out the first bytes that are pending.
    private mutating func flush(_ count: Int, _ body: (String) -> Void) {
        body(String(decoding: self.pending[..<count], as: UTF8.self))
        self.pending.removeFirst(count)
        self.cut = self.limit
    }
}
