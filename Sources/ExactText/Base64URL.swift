//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Base64 for URLs, as in tokens (RFC 7515 §2, RFC 4648 §5): with `-` and `_`, and without padding.
///
/// Each sequence of bytes has exactly one spelling, so that no second token has the same content.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Each byte's number in the alphabet; nil for a byte that is not in it.
    private static let numbers: [UInt32?] = {
        var numbers = [UInt32?](repeating: nil, count: 256)
        for (number, byte) in Self.alphabet.enumerated() { numbers[Int(byte)] = UInt32(number) }
        return numbers
    }()

    /// Reads the text; nil for padding, white space, any other foreign byte, an impossible length, or stray last bits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3 + 2)
        var (bits, count): (UInt32, Int) = (0, 0)
        for character in text.utf8 {
            guard let number = Self.numbers[Int(character)] else { return nil }
            bits = (bits << 6 | number) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        // Six bits over are a character too many; two or four belong to no byte and have to be zero.
        guard count < 6, bits & (1 << UInt32(count) - 1) == 0 else { return nil }
        return bytes
    }

    /// Writes the bytes.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(Self.alphabet[Int(bits >> UInt32(count) & 0x3F)])
            }
        }
        if count > 0 { text.append(Self.alphabet[Int(bits << UInt32(6 - count) & 0x3F)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
