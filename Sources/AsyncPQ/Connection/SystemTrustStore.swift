//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the certificates that this system trusts.
enum SystemTrustStore {
    /// The bundles of Debian and Alpine, Fedora, macOS and BSD, Homebrew.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        "/opt/homebrew/etc/ca-certificates/cert.pem",
    ]

    /// A bundle, or libpq's keyword for the system's store, which it knows from version 16 on.
    static let path: String? = {
        if let bundle = Self.bundles.first(where: { access($0, R_OK) == 0 }) { return bundle }
        return PQlibVersion() >= 160_000 ? "system" : nil
    }()

    /// Whether the user has a certificate file that libpq reads by itself.
    static var hasUserFile: Bool {
        guard let home = getenv("HOME") else { return false }
        return access(String(cString: home) + "/.postgresql/root.crt", R_OK) == 0
    }
}

extension PQConnection.Configuration {
    /// The certificates to trust: those configured, else the user's own, else the system's.
    ///
    /// libpq before version 16 knows no system store, and verifying would fail without a file.
    package var trustedCertificates: String? {
        // libpq knows this keyword from version 16 on, and would look for a file before.
        if let rootCertificate { return rootCertificate == "system" ? SystemTrustStore.path : rootCertificate }
        switch self.tls {
        case .verifyCA, .verifyFull: return SystemTrustStore.hasUserFile ? nil : SystemTrustStore.path
        case .disable, .allow, .prefer, .require: return nil
        }
    }
}
