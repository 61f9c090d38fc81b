//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A hardware address of six bytes: the type `macaddr`.
public struct PQMACAddress: Sendable, Hashable {
    /// Six bytes, the first byte first.
    public let bytes: [UInt8]

    /// An address of six bytes; nil for another count.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 6 else { return nil }
        self.bytes = bytes
    }
}

extension PQMACAddress: CustomStringConvertible {
    /// As `psql` shows it: `08:00:2b:01:02:03`.
    public var description: String { hexadecimal(self.bytes) }
}

extension PQMACAddress: PQEncodable, PQDecodable {
    /// `macaddr`.
    public static var pqDataType: PQDataType { .macaddr }

    /// Encodes as `macaddr`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: self.bytes)
        return true
    }

    /// Reads `macaddr` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        self.bytes = Array(try bytes.fixedValue(of: .macaddr, 6, type, format))
    }
}

/// A hardware address of eight bytes: the type `macaddr8`.
public struct PQMACAddress8: Sendable, Hashable {
    /// Eight bytes, the first byte first.
    public let bytes: [UInt8]

    /// An address of eight bytes; nil for another count.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 8 else { return nil }
        self.bytes = bytes
    }
}

extension PQMACAddress8: CustomStringConvertible {
    /// As `psql` shows it: `08:00:2b:01:02:03:04:05`.
    public var description: String { hexadecimal(self.bytes) }
}

extension PQMACAddress8: PQEncodable, PQDecodable {
    /// `macaddr8`.
    public static var pqDataType: PQDataType { .macaddr8 }

    /// Encodes as `macaddr8`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: self.bytes)
        return true
    }

    /// Reads `macaddr8` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        self.bytes = Array(try bytes.fixedValue(of: .macaddr8, 8, type, format))
    }
}

/// Two digits a byte, with colons between them.
private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
}
