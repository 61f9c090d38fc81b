//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// Checks the simple queries of a session before they are relayed; all other messages pass.
///
/// For sessions in which some commands are not allowed; other sessions are relayed without parsing.
struct CommandScreen {
    /// The result for some bytes.
    struct Outcome {
        /// The bytes to relay.
        var passed: ByteBuffer
        /// Why the session ends, if it does.
        var refusal: LoginRejection?
    }

    /// The longest query that is buffered, in bytes.
    static let maximumLength = 1 << 20

    private let judge: @Sendable (ArraySlice<UInt8>) -> LoginRejection?
    /// The beginning of a message that is not complete.
    private var buffer = ByteBuffer()
    /// The number of bytes still to come of a message that passes.
    private var passing = 0

    init(_ judge: @escaping @Sendable (ArraySlice<UInt8>) -> LoginRejection?) { self.judge = judge }

    /// Checks bytes that the client sent.
    mutating func received(_ bytes: ByteBuffer) -> Outcome {
        self.buffer.append(bytes)
        var passed = ByteBuffer()
        while self.buffer.readableBytes > 0 {
            if self.passing > 0 {
                guard let part = self.buffer.readSlice(length: min(self.passing, self.buffer.readableBytes)) else {
                    break
                }
                self.passing -= part.readableBytes
                passed.append(part)
                continue
            }
            let start = self.buffer.readerIndex
            guard let type = self.buffer.getInteger(at: start, as: UInt8.self),
                let length = self.buffer.getInteger(at: start + 1, as: UInt32.self)
            else { break }
            guard length >= 4 else {
                return Outcome(passed: passed, refusal: .protocolViolation("invalid message length"))
            }
            guard type == UInt8(ascii: "Q") else {
                self.passing = Int(length) + 1
                continue
            }
            guard length <= UInt32(Self.maximumLength) else {
                let refusal = LoginRejection(
                    sqlState: "54000", message: "the command is too long for a session of this kind")
                return Outcome(passed: passed, refusal: refusal)
            }
            guard let text = self.buffer.getBytes(at: start + 5, length: Int(length) - 4) else { break }
            // The server reads up to the first zero.
            if let refusal = self.judge(text.prefix { $0 != 0 }) { return Outcome(passed: passed, refusal: refusal) }
            self.passing = Int(length) + 1
        }
        if self.buffer.readableBytes == 0 { self.buffer = ByteBuffer() } else { self.buffer.discardReadBytes() }
        return Outcome(passed: passed, refusal: nil)
    }
}
