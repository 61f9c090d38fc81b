//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Brings the address of a host into one form.
enum HostAddress {
    /// A scheme is added (`https://`), a path, query, trailing slash and default port are removed.
    ///
    /// - Returns: The address, or nil when the text is none: another scheme than `http` and `https`, no host, user information, an impossible port.
    static func normalised(_ text: String) -> String? {
        let full = text.contains("://") ? text : "https://" + text
        guard !full.contains(where: { $0.isWhitespace || $0 == "\\" }),
            let url = URL(string: full),
            let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = url.host(percentEncoded: true)?.lowercased(), !host.isEmpty,
            url.user() == nil, url.password() == nil
        else { return nil }
        let isPlainIPv6 = host.contains(":") && !host.hasPrefix("[")
        let name = isPlainIPv6 ? "[\(host)]" : host
        guard let port = url.port else {
            // A port that is no number leaves `port` nil; only an absent one is right.
            return Self.endsWithPort(full) ? nil : "\(scheme)://\(name)"
        }
        guard (1...65_535).contains(port) else { return nil }
        let isDefault = (scheme == "https" && port == 443) || (scheme == "http" && port == 80)
        return isDefault ? "\(scheme)://\(name)" : "\(scheme)://\(name):\(port)"
    }

    private static func endsWithPort(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let afterHost = authority.lastIndex(of: "]").map { authority[authority.index(after: $0)...] } ?? authority
        guard let colon = afterHost.firstIndex(of: ":") else { return false }
        return afterHost.index(after: colon) < afterHost.endIndex
    }
}
