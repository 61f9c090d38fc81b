//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A frame of a WebSocket (RFC 6455, 5.2), as far as the workspace uses it itself.
struct WebSocketFrame: Equatable, Sendable {
    enum Kind: UInt8, Sendable {
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    var kind: Kind
    var payload: [UInt8]

    /// The bytes as a server sends them: unfragmented and unmasked.
    var bytes: [UInt8] {
        var bytes = [0x80 | self.kind.rawValue]
        let count = self.payload.count
        switch count {
        case 0..<126: bytes.append(UInt8(count))
        case 126..<65_536: bytes += [126, UInt8(count >> 8), UInt8(count & 0xFF)]
        default: bytes += [127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        }
        return bytes + self.payload
    }
}

/// Reads the frames of a client.
struct WebSocketReader {
    enum Failure: Error, Equatable {
        /// The bytes are not a frame of a client, or a frame that is not supported.
        case malformed
        case tooLong
    }

    let limit: Int
    private var pending: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// The messages that are complete with these bytes.
    mutating func take(_ bytes: [UInt8]) throws(Failure) -> [WebSocketFrame] {
        self.pending += bytes
        var frames: [WebSocketFrame] = []
        while let (frame, count) = try Self.first(of: self.pending, limit: self.limit) {
            self.pending.removeFirst(count)
            frames.append(frame)
        }
        return frames
    }

    /// The first frame; `nil` if it is not complete.
    ///
    /// A message in pieces is not taken: nobody cuts what is that short.
    private static func first(
        of bytes: [UInt8], limit: Int
    ) throws(Failure) -> (frame: WebSocketFrame, count: Int)? {
        guard bytes.count >= 2 else { return nil }
        // No extension is agreed on, and a client's frames have a mask.
        guard bytes[0] & 0xF0 == 0x80, bytes[1] & 0x80 != 0, let kind = WebSocketFrame.Kind(rawValue: bytes[0] & 0x0F)
        else { throw .malformed }
        var place = 2
        var length = UInt64(bytes[1] & 0x7F)
        let more = length == 126 ? 2 : length == 127 ? 8 : 0
        if more > 0 {
            guard bytes.count >= place + more else { return nil }
            length = bytes[place..<(place + more)].reduce(0) { $0 << 8 | UInt64($1) }
            place += more
        }
        guard length <= UInt64(limit) else { throw .tooLong }
        let end = place + 4 + Int(length)
        guard bytes.count >= end else { return nil }
        let mask = Array(bytes[place..<(place + 4)])
        let payload = bytes[(place + 4)..<end].enumerated().map { $1 ^ mask[$0 & 3] }
        return (WebSocketFrame(kind: kind, payload: payload), end)
    }
}
