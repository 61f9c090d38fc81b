//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Normalizes the address of a host.
enum HostAddress {
    /// A scheme is added (`https://`), a path, query, trailing slash and default port are removed.
    ///
    /// - Returns: The address, or nil when the text is none: another scheme than `http` and `https`, no host, user information, an impossible port.
    static func normalised(_ text: String) -> String? { Self.parsed(text)?.address }

    /// The ids in the query of an address, as browsers and the pages of Databricks have them: `?o=` for the workspace.
    ///
    /// One address may be that of many workspaces, of which the query names one.
    static func workspaceIDs(in text: String) -> [String] {
        guard let url = Self.parsed(text)?.url, let query = url.query(percentEncoded: true) else { return [] }
        return query.utf8.split(separator: UInt8(ascii: "&")).compactMap { field in
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["o", "workspace_id"].contains(where: { $0.utf8.elementsEqual(parts[0]) }) else {
                return nil
            }
            return URLEncoding.decoded(String(decoding: parts[1], as: UTF8.self))
        }
    }

    /// Whether two texts are addresses of one workspace, however they are written.
    ///
    /// Where both name a workspace's id, that is the same too.
    static func areSame(_ one: String, _ other: String) -> Bool {
        guard let first = Self.normalised(one), let second = Self.normalised(other), first.isExactly(second) else {
            return false
        }
        let ids = [one, other].map { Set(Self.workspaceIDs(in: $0).map { ExactText($0) }) }
        return ids[0].isEmpty || ids[1].isEmpty || ids[0] == ids[1]
    }

    private static func parsed(_ text: String) -> (address: String, url: URL)? {
        let full = text.contains("://") ? text : "https://" + text
        guard !full.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0 == "\\" }),
            let url = URL(string: full),
            let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = url.host(percentEncoded: true)?.lowercased(), !host.isEmpty,
            url.user() == nil, url.password() == nil
        else { return nil }
        let isPlainIPv6 = host.contains(":") && !host.hasPrefix("[")
        let name = isPlainIPv6 ? "[\(host)]" : host
        guard let port = url.port else {
            // A port that is no number leaves `port` nil; only an absent one is right.
            return Self.endsWithPort(full) ? nil : ("\(scheme)://\(name)", url)
        }
        guard (1...65_535).contains(port) else { return nil }
        let isDefault = (scheme == "https" && port == 443) || (scheme == "http" && port == 80)
        return (isDefault ? "\(scheme)://\(name)" : "\(scheme)://\(name):\(port)", url)
    }

    private static func endsWithPort(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let afterHost = authority.lastIndex(of: "]").map { authority[authority.index(after: $0)...] } ?? authority
        guard let colon = afterHost.firstIndex(of: ":") else { return false }
        return afterHost.index(after: colon) < afterHost.endIndex
    }
}
