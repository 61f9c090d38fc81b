//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

struct CommandScreenTests {
    private static func screen() -> CommandScreen {
        CommandScreen { query in
            query.starts(with: "BAD".utf8) ? LoginRejection(sqlState: "42501", message: "no") : nil
        }
    }

    private static func query(_ text: String) -> ByteBuffer { Packets.message("Q", Array(text.utf8) + [0]) }

    /// Gives bytes to a screen in pieces; what passed, and why it ended.
    private static func feed(_ bytes: ByteBuffer, piece: Int) -> CommandScreen.Outcome {
        var screen = Self.screen()
        var passed = ByteBuffer()
        var rest = bytes
        while let part = rest.readSlice(length: min(piece, rest.readableBytes)), part.readableBytes > 0 {
            let outcome = screen.received(part)
            passed.writeImmutableBuffer(outcome.passed)
            if let refusal = outcome.refusal { return .init(passed: passed, refusal: refusal) }
        }
        return .init(passed: passed, refusal: nil)
    }

    @Test func `what is allowed passes unchanged, however it is cut`() {
        var bytes = Self.query("select 1")
        // A message that looks like a forbidden query to a reader who has lost his place.
        bytes.writeImmutableBuffer(Packets.message("d", Array("Q\0\0\0\u{8}BAD\0".utf8)))
        bytes.writeImmutableBuffer(Packets.message("c", []))
        bytes.writeImmutableBuffer(Self.query(" BAD is not at the start"))
        for piece in 1...bytes.readableBytes {
            let outcome = Self.feed(bytes, piece: piece)
            #expect(outcome.passed == bytes && outcome.refusal == nil, "\(piece)")
        }
    }

    @Test func `a forbidden query does not pass, nor anything behind it`() {
        let before = Self.query("select 1")
        var bytes = before
        bytes.writeImmutableBuffer(Self.query("BAD"))
        bytes.writeImmutableBuffer(Self.query("select 2"))
        for piece in 1...bytes.readableBytes {
            let outcome = Self.feed(bytes, piece: piece)
            #expect(outcome.passed == before && outcome.refusal?.sqlState == "42501", "\(piece)")
        }
    }

    @Test func `a query is what the server reads of it, up to the first zero`() {
        let seen = Self.feed(Packets.message("Q", Array("BAD\0good\0".utf8)), piece: 1000)
        #expect(seen.refusal != nil)
    }

    @Test func `lengths that cannot be, and queries that are too long, end the session`() {
        for (length, state) in [
            (UInt32(3), "08P01"), (0, "08P01"), (UInt32(CommandScreen.maximumLength) + 1, "54000"), (.max, "54000"),
        ] {
            var bytes = ByteBuffer(string: "Q")
            bytes.writeInteger(length)
            #expect(Self.feed(bytes, piece: 100).refusal?.sqlState == state)
        }
        // Of other messages nothing is kept, so that their length is the server's affair.
        var data = ByteBuffer(string: "d")
        data.writeInteger(UInt32.max)
        #expect(Self.feed(data, piece: 2).passed == data)
    }
}
