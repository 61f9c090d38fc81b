//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The proxies for requests, read from the environment.
///
/// `HTTPS_PROXY` is for https, `HTTP_PROXY` for http, `ALL_PROXY` for schemes without one; names in small letters count
/// first. `NO_PROXY` lists what goes directly: hosts with everything below them, with a port or without, IPv4 networks
/// such as `10.0.0.0/8`, or `*`. Addresses of this machine always do. A proxy is asked for a tunnel (`CONNECT`)
/// whatever the scheme, because async-http-client supports nothing else.
struct ProxySettings: Sendable, Hashable {
    /// A proxy.
    struct Server: Sendable, Hashable {
        enum Kind: Sendable, Hashable { case http, socks }

        var kind: Kind
        var host: String
        var port: Int
        var user: String?
        var password: Secret?
        /// The variable that names it.
        var variable: String

        /// Its address, without user and password.
        var address: String { "\(self.kind == .http ? "http" : "socks5")://\(self.host):\(self.port)" }
    }

    private struct Variable: Sendable, Hashable {
        var name: String
        var value: Secret
    }

    private var https: Variable?
    private var http: Variable?
    private var all: Variable?
    private var direct: [String] = []

    /// Settings without any proxy.
    init() {}

    /// Reads the settings from an environment.
    init(environment: [String: String]) {
        func variable(_ name: String) -> Variable? {
            for name in [name.lowercased(), name] {
                // A server's request can set HTTP_PROXY in a CGI program, by way of a header named Proxy.
                if name == "HTTP_PROXY", environment["REQUEST_METHOD"] != nil { continue }
                if let value = environment[name], !value.allSatisfy(\.isWhitespace) {
                    return Variable(name: name, value: Secret(value))
                }
            }
            return nil
        }
        self.https = variable("HTTPS_PROXY")
        self.http = variable("HTTP_PROXY")
        self.all = variable("ALL_PROXY")
        let list = variable("NO_PROXY")?.value.withUnsafeValue { $0 } ?? ""
        self.direct = list.split { $0 == "," || $0.isWhitespace }.map { $0.lowercased() }
    }

    /// The proxy for an address; nil when it is reached directly.
    ///
    /// - Throws: `invalidConfiguration` when the variable that counts does not hold an address.
    func server(for address: String) throws(DatabricksError) -> Server? {
        guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
            let name = url.host(percentEncoded: false)
        else {
            return nil
        }
        let host = Self.bare(name.lowercased())
        guard let variable = (scheme == "https" ? self.https : self.http) ?? self.all,
            !self.isDirect(host, port: url.port ?? (scheme == "https" ? 443 : 80))
        else { return nil }
        let server = variable.value.withUnsafeValue { Self.server($0, variable: variable.name) }
        guard let server else {
            throw DatabricksError(
                code: .invalidConfiguration,
                message:
                    "the environment variable \(variable.name) is not the address of a proxy such as http://proxy.example.com:3128"
            )
        }
        return server
    }

    private static func server(_ text: String, variable: String) -> Server? {
        guard let url = URL(string: text.contains("://") ? text : "http://" + text),
            let scheme = url.scheme?.lowercased(), let host = url.host(percentEncoded: false), !host.isEmpty
        else { return nil }
        let kind: Server.Kind
        switch scheme {
        case "http": kind = .http
        case "socks5", "socks5h": kind = .socks
        default: return nil
        }
        let port = url.port ?? (kind == .http ? 80 : 1080)
        guard (1...65_535).contains(port) else { return nil }
        return Server(
            kind: kind, host: self.bare(host), port: port, user: url.user(percentEncoded: false),
            password: url.password(percentEncoded: false).map { Secret($0) }, variable: variable)
    }

    // MARK: What goes directly

    private func isDirect(_ host: String, port: Int) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let address = Self.ipv4(host)
        if let address, address >> 24 == 127 { return true }
        return self.direct.contains { self.matches($0, host, port: port, address: address) }
    }

    private func matches(_ entry: String, _ host: String, port: Int, address: UInt32?) -> Bool {
        if entry == "*" { return true }
        if let slash = entry.firstIndex(of: "/") {
            guard let address, let network = Self.ipv4(String(entry[..<slash])),
                let bits = UInt32(entry[entry.index(after: slash)...]), bits <= 32
            else { return false }
            let mask: UInt32 = bits == 0 ? 0 : ~0 << (32 - bits)
            return address & mask == network & mask
        }
        var name = entry[...]
        // One colon is a port, more are an IPv6 address.
        if name.filter({ $0 == ":" }).count == 1 || name.contains("]:"), let colon = name.lastIndex(of: ":") {
            guard Int(name[name.index(after: colon)...]) == port else { return false }
            name = name[..<colon]
        }
        name = Self.bare(String(name))[...]
        if name.hasPrefix("*.") { name = name.dropFirst(2) } else if name.hasPrefix(".") { name = name.dropFirst() }
        return !name.isEmpty && (host == name || (address == nil && host.hasSuffix("." + name)))
    }

    /// The host without the brackets of an IPv6 address.
    private static func bare(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    private static func ipv4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, parts.allSatisfy({ $0 != nil }) else { return nil }
        return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
    }
}
