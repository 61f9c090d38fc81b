//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

@testable import PostgresGateway

/// What a client would send, written without the code under test.
enum Packets {
    static let tlsRequest = integers([8, 80_877_103])
    static let gssRequest = integers([8, 80_877_104])

    static func integers(_ values: [UInt32]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for value in values { buffer.writeInteger(value) }
        return buffer
    }

    static func cancel(_ processID: Int32, _ secret: UInt32) -> ByteBuffer {
        integers([16, 80_877_102, UInt32(bitPattern: processID), secret])
    }

    /// A StartupMessage from raw pieces; each piece gets a NUL, and the end another one.
    static func startup(_ pieces: [String], code: UInt32 = 196_608, terminator: [UInt8] = [0]) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(code)
        for piece in pieces {
            body.writeString(piece)
            body.writeInteger(UInt8(0))
        }
        body.writeBytes(terminator)
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(body.readableBytes + 4))
        buffer.writeBuffer(&body)
        return buffer
    }

    static func password(_ text: String) -> ByteBuffer {
        message("p", Array(text.utf8) + [0])
    }

    static func message(_ type: Character, _ body: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeString(String(type))
        buffer.writeInteger(UInt32(body.count + 4))
        buffer.writeBytes(body)
        return buffer
    }

    static let authenticationOk = message("R", [0, 0, 0, 0])
    static let readyForQuery = message("Z", [UInt8(ascii: "I")])

    static func keyData(_ processID: Int32, _ secret: UInt32) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(processID)
        body.writeInteger(secret)
        return message("K", Array(body.readableBytesView))
    }

    static func error(_ state: String, _ text: String) -> ByteBuffer {
        message("E", Array("SFATAL\0VFATAL\0C\(state)\0M\(text)\0\0".utf8))
    }
}

/// A message that came from the gateway, taken apart.
struct Message: Equatable {
    var type: Character
    var body: [UInt8]

    /// Reads one message from the front of `buffer`.
    static func read(from buffer: inout ByteBuffer) -> Message? {
        let start = buffer.readerIndex
        guard let type = buffer.getInteger(at: start, as: UInt8.self),
            let length = buffer.getInteger(at: start + 1, as: UInt32.self),
            var whole = buffer.readSlice(length: Int(length) + 1)
        else { return nil }
        whole.moveReaderIndex(forwardBy: 5)
        return Message(type: Character(UnicodeScalar(type)), body: Array(whole.readableBytesView))
    }

    static func all(_ buffer: ByteBuffer) -> [Message] {
        var buffer = buffer
        var messages: [Message] = []
        while let message = self.read(from: &buffer) { messages.append(message) }
        return messages
    }

    /// The fields of an ErrorResponse.
    var fields: [Character: String] {
        var fields: [Character: String] = [:]
        for field in self.body.split(separator: 0) {
            guard let name = field.first else { continue }
            fields[Character(UnicodeScalar(name))] = String(decoding: field.dropFirst(), as: UTF8.self)
        }
        return fields
    }

    var sqlState: String? { self.type == "E" ? self.fields["C"] : nil }

    /// The key in BackendKeyData.
    var key: CancelKey? {
        guard self.type == "K" else { return nil }
        var buffer = ByteBuffer(bytes: self.body)
        guard let (processID, secret) = buffer.readMultipleIntegers(as: (Int32, UInt32).self) else { return nil }
        return CancelKey(processID: processID, secret: secret)
    }
}
