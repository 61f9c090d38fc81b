//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A parameter of a start-up packet, as bytes.
///
/// A client sends it before an encoding is negotiated, and PostgreSQL takes any bytes: `PGAPPNAME=caf\xE9` is a valid name
/// in Latin-1. So the gateway passes the bytes on; ``name`` and ``value`` are for display.
public struct GatewayParameter: Sendable, Hashable {
    /// The name's bytes.
    public var nameBytes: [UInt8]

    /// The value's bytes.
    public var valueBytes: [UInt8]

    /// Names a parameter by its bytes.
    public init(nameBytes: [UInt8], valueBytes: [UInt8]) {
        self.nameBytes = nameBytes
        self.valueBytes = valueBytes
    }

    /// Names a parameter by texts.
    public init(name: String, value: String) {
        self.init(nameBytes: Array(name.utf8), valueBytes: Array(value.utf8))
    }

    /// The name as text; bytes that are not UTF-8 are replaced by U+FFFD.
    public var name: String { String(decoding: self.nameBytes, as: UTF8.self) }

    /// The value as text; bytes that are not UTF-8 are replaced by U+FFFD.
    public var value: String { String(decoding: self.valueBytes, as: UTF8.self) }
}
