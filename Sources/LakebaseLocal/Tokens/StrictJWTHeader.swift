//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

/// The header of a signed token, read strictly: what is not understood is refused, never passed over (RFC 7515, 4.1.11).
struct StrictJWTHeader: Equatable, Sendable {
    var algorithm: String
    var keyID: String?

    /// Reads the header of a token of three parts, each in the one spelling that Base64 for addresses has for its bytes.
    ///
    /// It is `nil` for any other text, and for a token with extensions that must be understood (`crit`).
    init?(token: String) {
        guard token.utf8.count <= 16 * 1024 else { return nil }
        let parts = token.splitExactly(at: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.bytes(of: parts[0]), let payload = Base64URL.bytes(of: parts[1]),
            Base64URL.bytes(of: parts[2]) != nil
        else { return nil }
        let limits = JSONReader.Limits(depth: 16, values: 1_000)
        guard case .object(let fields)? = try? JSONReader.value(of: header, limits: limits),
            case .object? = try? JSONReader.value(of: payload, limits: limits),
            case .string(let algorithm)? = fields["alg"], fields["crit"] == nil
        else { return nil }
        switch fields["kid"] {
        case nil: self.keyID = nil
        case .string(let id)?: self.keyID = id
        case .null?, .boolean?, .integer?, .number?, .array?, .object?: return nil
        }
        self.algorithm = algorithm
    }
}

/// Base64 for addresses (RFC 4648, 5) without padding, in its one spelling.
enum Base64URL {
    /// The bytes; `nil` for padding, other characters, and bits that are left over and not zero.
    static func bytes(of text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // A single character says no byte, and what is left over says nothing.
        guard count < 6, bits & (1 << UInt32(count) - 1) == 0 else { return nil }
        return bytes
    }
}
