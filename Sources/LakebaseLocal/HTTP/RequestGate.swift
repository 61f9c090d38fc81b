//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace
import NIOHTTP1

/// Decides by a request's head whether it is accepted, for every path and before its body is read.
///
/// A page of another origin can have its name point to this machine; its requests then come with that name in `Host`,
/// or with its origin in `Origin`, and must not pass for the owner's.
struct RequestGate: Sendable, Equatable {
    /// The address on which the service listens, as it was configured.
    var listenHost: String
    var limits = HTTPLimits()
    /// Whether names and origins are checked here, and not by the server.
    var checksNames = true

    /// The reason why the request is refused; `nil` if it is accepted.
    ///
    /// - Parameter isSecure: Whether it came over TLS, so that its address begins with `https://`.
    func refusal(of head: HTTPRequestHead, isSecure: Bool = false) -> APIFailure? {
        let scheme = isSecure ? "https://" : "http://"
        guard head.version.major == 1, head.version.minor <= 1 else {
            return APIFailure(505, "MALFORMED_REQUEST", "The local workspace speaks HTTP/1.1.")
        }
        let hosts = head.headers["Host"]
        guard hosts.count == 1, let authority = hosts.first, let host = LoopbackHost.host(of: authority) else {
            return APIFailure(
                400, "MALFORMED_REQUEST",
                "A request needs one Host field with a name and a port, this has \(hosts.isEmpty ? "none" : "another")."
            )
        }
        let named =
            self.checksNames
            ? self.refusal(host: host) ?? self.refusal(origins: head.headers["Origin"], own: scheme + authority) : nil
        return self.refusal(target: head.uri, scheme: scheme, authority: authority) ?? named
            ?? Self.refusal(framing: head)
    }

    private func refusal(target: String, scheme: String, authority: String) -> APIFailure? {
        guard target.utf8.count <= self.limits.target,
            target.utf8.count(where: { $0 == UInt8(ascii: "&") }) < self.limits.queryItems
        else {
            return APIFailure(
                414, "MALFORMED_REQUEST",
                "The address has more than \(self.limits.target) bytes or \(self.limits.queryItems) fields.")
        }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            return APIFailure(400, "MALFORMED_REQUEST", "The address has bytes that no address has.")
        }
        if target.startsExactly(with: "/") || target.isExactly("*") { return nil }
        // The form for proxies; it may not say another name than the field that was checked.
        if let rest = target.droppingExactly(prefix: scheme) {
            let named = rest.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            if named.elementsEqual(authority.utf8) { return nil }
        }
        return APIFailure(400, "MALFORMED_REQUEST", "The address is no path of this workspace.")
    }

    private func refusal(host: String) -> APIFailure? {
        // Beyond this machine the names are those that others gave it, and no browser's secret is at stake without a code or a token.
        guard LoopbackHost.isLoopback(listening: self.listenHost) else { return nil }
        let name = LoopbackHost.lowercased(host)
        if LoopbackHost.isLoopback(authority: name) || name.isExactly(LoopbackHost.lowercased(self.listenHost)) {
            return nil
        }
        return APIFailure(
            421, "MISDIRECTED_REQUEST",
            "This workspace is at \(self.listenHost), not at '\(name.escapedForLog(limit: 80))'. Use localhost or 127.0.0.1."
        )
    }

    private func refusal(origins: [String], own: String) -> APIFailure? {
        if origins.isEmpty { return nil }
        let own = LoopbackHost.lowercased(own)
        if origins.count == 1, LoopbackHost.lowercased(origins[0]).isExactly(own) { return nil }
        return APIFailure(
            403, "PERMISSION_DENIED", "Pages of other origins cannot use the local workspace.")
    }

    private static func refusal(framing head: HTTPRequestHead) -> APIFailure? {
        if head.version.minor == 0, head.headers.contains(name: "Transfer-Encoding") {
            return APIFailure(400, "MALFORMED_REQUEST", "HTTP/1.0 has no Transfer-Encoding.")
        }
        if let expected = head.headers.first(name: "Expect"),
            !LoopbackHost.lowercased(expected).isExactly("100-continue")
        {
            return APIFailure(417, "MALFORMED_REQUEST", "The only expectation that is met is 100-continue.")
        }
        return nil
    }
}
