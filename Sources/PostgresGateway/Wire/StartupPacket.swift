//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// One of the packets that come before any typed message: a length, a code, and the code's data.
enum StartupPacket: Sendable, Equatable {
    case tlsRequest
    case gssRequest
    case cancel(CancelKey)
    case startup(StartupMessage)

    static let tlsRequestCode: UInt32 = 80_877_103
    static let gssRequestCode: UInt32 = 80_877_104
    static let cancelRequestCode: UInt32 = 80_877_102

    /// Reads one packet from the front of `buffer`.
    ///
    /// The length is checked as soon as it has arrived, so a huge packet is never waited for.
    ///
    /// - Returns: `nil` if the packet is not complete yet; `buffer` is then untouched.
    static func read(
        from buffer: inout ByteBuffer,
        maximumLength: Int
    ) throws(LoginRejection) -> StartupPacket? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length >= 8, length <= UInt32(clamping: maximumLength) else {
            throw .protocolViolation("invalid length of startup packet")
        }
        guard let code = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self) else { return nil }
        switch code {
        case self.tlsRequestCode, self.gssRequestCode:
            guard length == 8 else { throw .protocolViolation("invalid length of an encryption request") }
        case self.cancelRequestCode:
            guard length == 16 else { throw .protocolViolation("invalid length of a cancel request") }
        case _ where code >> 16 == 3: break
        default:
            throw .protocolViolation(
                "unsupported frontend protocol \(code >> 16).\(code & 0xFFFF): this server speaks 3.0"
            )
        }
        guard var packet = buffer.readSlice(length: Int(length)) else { return nil }
        packet.moveReaderIndex(forwardBy: 8)
        switch code {
        case self.tlsRequestCode: return .tlsRequest
        case self.gssRequestCode: return .gssRequest
        case self.cancelRequestCode:
            guard let (processID, secret) = packet.readMultipleIntegers(as: (Int32, UInt32).self) else { return nil }
            return .cancel(CancelKey(processID: processID, secret: secret))
        default:
            return .startup(try StartupMessage(minorVersion: UInt16(truncatingIfNeeded: code), body: packet))
        }
    }
}
