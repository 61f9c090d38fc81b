//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The headers of a request to an app and of its answer, as a value.
///
/// Source: Databricks, "Access HTTP headers passed to Databricks apps".
struct AppProxyHead: Equatable, Sendable {
    /// Whether the proxy listens on this machine's loopback only.
    var isLoopback: Bool

    /// Whether a request for that host is answered.
    ///
    /// A page of another origin can have its name point to this machine; its requests then come with that name, and must not
    /// pass for the developer's.
    func isAllowed(authority: String?) -> Bool {
        guard self.isLoopback else { return true }
        guard let authority else { return false }
        let host = Self.host(of: authority.lowercased())
        return host.isExactly("localhost") || host.endsExactly(with: ".localhost") || host.isExactly("[::1]")
            || host.startsExactly(with: "127.") && host.utf8.allSatisfy { $0 == 46 || (48...57).contains($0) }
    }

    private static func host(of authority: String) -> String {
        guard let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")),
            authority.utf8[colon...].dropFirst().allSatisfy({ (48...57).contains($0) })
        else { return authority }
        return String(authority[..<colon])
    }

    /// The headers that belong to one connection (RFC 9110, 7.6.1).
    private static let hops: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "content-length", "host",
    ]

    /// The headers for the app: the visitor's without those that only the proxy may set, and the proxy's own.
    func forwarded(
        _ headers: [(String, String)], authority: String?, userName: String, displayName: String, requestID: String,
        isSecure: Bool = false
    ) -> [(String, String)] {
        let named = Self.connectionNames(headers)
        var result = headers.filter { name, _ in
            !Self.hops.contains(name.lowercased()) && !named.contains(name.lowercased()) && !Self.isPlatforms(name)
        }
        if let authority {
            result.append(("Host", authority))
            result.append(("X-Forwarded-Host", authority))
        }
        result += [
            ("X-Forwarded-Preferred-Username", displayName), ("X-Forwarded-User", userName),
            ("X-Forwarded-Email", userName), ("X-Real-Ip", "127.0.0.1"), ("X-Request-Id", requestID),
        ]
        if isSecure { result.append(("X-Forwarded-Proto", "https")) }
        return result
    }

    /// Whether a header has one of the platform's names, or a name that a server may read as one.
    ///
    /// CGI and what came after it (WSGI, Rack) make a variable of each name, in which `-` and `_` are one and the same.
    static func isPlatforms(_ name: String) -> Bool {
        let name = String(
            decoding: name.lowercased().utf8.map { byte -> UInt8 in
                (97...122).contains(byte) || (48...57).contains(byte) ? byte : UInt8(ascii: "-")
            }, as: UTF8.self)
        return name.startsExactly(with: "x-forwarded-") || name.isExactly("x-real-ip") || name.isExactly("x-request-id")
    }

    /// The headers for the visitor; the length is that of the body that is forwarded.
    func answered(_ headers: [(String, String)]) -> [(String, String)] {
        let named = Self.connectionNames(headers)
        return headers.filter { name, _ in
            let name = name.lowercased()
            return !Self.hops.contains(name) && !named.contains(name)
        }
    }

    private static func connectionNames(_ headers: [(String, String)]) -> Set<String> {
        Set(
            headers.filter { $0.0.lowercased() == "connection" }
                .flatMap { $0.1.splitExactly(at: ",") }
                .map { name in
                    String(decoding: name.utf8.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self).lowercased()
                })
    }
}
