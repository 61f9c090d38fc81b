//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Whether a certificate is for a host, as libpq decides it.
///
/// A `*` stands for the whole first label and for one label only (RFC 6125, 6.4.3); addresses have to be written out.
enum CertificateName {
    static func fits(_ host: String, _ names: [String]) -> Bool {
        let host = self.plain(host)
        return names.contains { self.fits(host, self.plain($0)) }
    }

    private static func fits(_ host: String, _ name: String) -> Bool {
        if host == name { return true }
        guard name.hasPrefix("*."), let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
        // An address has no labels.
        let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        return !isAddress && host[dot...] == name.dropFirst()
    }

    private static func plain(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
