//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An address of IPv4 or IPv6 with the length of its network's prefix: the types `inet` and `cidr`.
public struct PQInet: Sendable, Hashable {
    /// 4 bytes of IPv4 or 16 of IPv6, the first byte first.
    public let address: [UInt8]
    /// How many bits name the network: at most 32 or 128, which is one host.
    public let prefixLength: Int

    /// An address of 4 or 16 bytes; nil for another count, or a prefix longer than the address.
    ///
    /// - Parameter prefixLength: All bits if it is left out.
    public init?(address: [UInt8], prefixLength: Int? = nil) {
        let length = prefixLength ?? address.count * 8
        guard address.count == 4 || address.count == 16, (0...address.count * 8).contains(length) else { return nil }
        self.address = address
        self.prefixLength = length
    }

    /// Reads `10.0.0.1`, `10.0.0.0/8`, `::1` and the like; nil for other text, abbreviated addresses included.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let address = parts.first, !address.utf8.contains(0) else { return nil }
        let family = address.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
        guard inet_pton(family, address, &bytes) == 1 else { return nil }
        guard parts.count > 1 else {
            self.init(address: bytes)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(parts[1])
        else { return nil }
        self.init(address: bytes, prefixLength: length)
    }

    /// Whether it is an address of IPv6.
    public var isIPv6: Bool { self.address.count == 16 }
}

extension PQInet: CustomStringConvertible {
    /// As `psql` shows an `inet`: `10.0.0.1`, `10.0.0.0/8`, `::1`.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(self.isIPv6 ? AF_INET6 : AF_INET, self.address, &text, socklen_t(text.count)) != nil else {
            return ""
        }
        let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return self.prefixLength == self.address.count * 8 ? host : "\(host)/\(self.prefixLength)"
    }
}

extension PQInet: PQEncodable, PQDecodable {
    /// `inet`, which a column of type `cidr` accepts too.
    public static var pqDataType: PQDataType { .inet }

    /// The families' numbers in the binary form, on every platform (PostgreSQL source, `PGSQL_AF_INET`).
    private static let families: (v4: UInt8, v6: UInt8) = (2, 3)

    /// Encodes as `inet`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(self.isIPv6 ? Self.families.v6 : Self.families.v4)
        bytes.append(UInt8(clamping: self.prefixLength))
        bytes.append(0)
        bytes.append(UInt8(clamping: self.address.count))
        bytes.append(contentsOf: self.address)
        return true
    }

    /// Reads `inet` and `cidr` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .inet || type == .cidr, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let family = try reader.integer(UInt8.self)
        let prefix = try reader.integer(UInt8.self)
        _ = try reader.integer(UInt8.self)
        let address = try reader.take(Int(try reader.integer(UInt8.self)))
        try reader.finish()
        guard let value = PQInet(address: Array(address), prefixLength: Int(prefix)),
            family == (value.isIPv6 ? Self.families.v6 : Self.families.v4)
        else { throw .invalidValue("no address") }
        self = value
    }
}
