//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A parameter of a start-up packet, as bytes.
///
/// A client writes it before any encoding is agreed on, and PostgreSQL takes what comes: `PGAPPNAME=caf\xE9` is a good name
/// in Latin-1. So what is passed on is the bytes, and ``name`` and ``value`` are for people.
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

    /// The name as text; what is not UTF-8 in it is replaced by U+FFFD.
    public var name: String { String(decoding: self.nameBytes, as: UTF8.self) }

    /// The value as text; what is not UTF-8 in it is replaced by U+FFFD.
    public var value: String { String(decoding: self.valueBytes, as: UTF8.self) }
}
