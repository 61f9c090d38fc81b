//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// Names and addresses that only this machine uses.
enum LoopbackHost {
    /// Whether a service that listens on this address is reached from this machine only.
    static func isLoopback(listening host: String) -> Bool {
        let host = Self.lowercased(host)
        return host.isExactly("localhost") || host.isExactly("::1") || Self.isLoopbackIPv4(host)
    }

    /// Whether a host name of a `Host` field, without its port, always means this machine, whatever a foreign DNS
    /// server says.
    ///
    /// `localhost` and what is below it never leave the machine (RFC 6761, 6.3), and an address is not looked up.
    static func isLoopback(authority host: String) -> Bool {
        let host = Self.lowercased(host)
        return host.isExactly("localhost") || host.endsExactly(with: ".localhost") || host.isExactly("[::1]")
            || Self.isLoopbackIPv4(host)
    }

    private static func isLoopbackIPv4(_ host: String) -> Bool {
        guard host.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (48...57).contains($0) }) else { return false }
        return CertificateAuthority.bytes(of: host)?.first == 127
    }

    /// The host of `HOST` or `HOST:PORT`; `nil` where it is neither.
    static func host(of authority: String) -> String? {
        let bytes = Array(authority.utf8)
        guard (1...255).contains(bytes.count), bytes.allSatisfy(Self.isOfHost) else { return nil }
        let host: ArraySlice<UInt8>
        let port: ArraySlice<UInt8>
        if bytes[0] == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            (host, port) = (bytes[...end], bytes[(end + 1)...])
        } else {
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            (host, port) = (bytes[..<colon], bytes[colon...])
            guard !host.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }) else { return nil }
        }
        guard !host.isEmpty else { return nil }
        if let first = port.first {
            let digits = port.dropFirst()
            guard first == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ (48...57).contains($0) }) else {
                return nil
            }
        }
        return String(decoding: host, as: UTF8.self)
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...58, UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }

    /// The text with ASCII letters in lower case, and no others: the Kelvin sign is not a `k` here.
    static func lowercased(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in (65...90).contains(byte) ? byte + 32 : byte }, as: UTF8.self)
    }
}
