//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import NIOSSL

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The trusted certificates, read from the environment.
///
/// `SSL_CERT_FILE` is what OpenSSL and Go read, `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` what Python's requests does, and with it the Databricks SDK.
/// The first that is set counts, and its file takes the place of the system's certificates, as it does there.
struct TrustSettings: Sendable, Hashable {
    static let variables = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]

    /// The variable, and the file that it names.
    private var named: Named?

    private struct Named: Sendable, Hashable {
        var variable: String
        var file: String
    }

    /// Reads the settings from an environment.
    init(environment: [String: String]) {
        self.named =
            Self.variables.lazy.compactMap { variable in
                environment[variable].flatMap { $0.isEmpty ? nil : Named(variable: variable, file: $0) }
            }.first
    }

    /// The certificates of the file; `nil` for the system's.
    ///
    /// - Throws: `invalidConfiguration` for a file that cannot be read, or has no certificates.
    func roots() throws(DatabricksError) -> NIOSSLTrustRoots? {
        guard let named else { return nil }
        guard access(named.file, R_OK) == 0 else {
            throw Self.unusable(named, "which cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(named.file), !certificates.isEmpty else {
            throw Self.unusable(named, "which is not a file of certificates in the PEM format")
        }
        return .certificates(certificates)
    }

    private static func unusable(_ named: Named, _ why: String) -> DatabricksError {
        DatabricksError(
            code: .invalidConfiguration,
            message:
                "\(named.variable) names \(named.file), \(why); set it to a file of certificates, or unset it for the system's"
        )
    }

    /// The remedy for a rejected certificate.
    var remedy: String {
        guard let named else {
            return "set SSL_CERT_FILE to a file with the authority's certificate if it is a private one"
        }
        return "its authority is not in the file of \(named.variable) (\(named.file))"
    }
}
