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
/// The first that is set counts, and its file takes the place of the system's certificates, as it does there. `SSL_CERT_DIR` names folders, whose
/// certificates are trusted beside those of the file, or of the system, as with Go.
struct TrustSettings: Sendable, Hashable {
    static let variables = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", Self.folderVariable]
    private static let folderVariable = "SSL_CERT_DIR"

    /// The variable, and the file that it names.
    private var named: Named?
    /// The folders that `SSL_CERT_DIR` names.
    private var folders: [Named]

    private struct Named: Sendable, Hashable {
        var variable: String
        var path: String
    }

    /// What a connection trusts where the environment has something to say.
    struct Authorities {
        /// In place of the system's certificates; `nil` for these.
        var roots: NIOSSLTrustRoots?
        /// Beside them.
        var others: [NIOSSLCertificate] = []
    }

    /// Reads the settings from an environment.
    init(environment: [String: String]) {
        self.named =
            Self.variables.lazy.filter { $0 != Self.folderVariable }.compactMap { variable in
                environment[variable].flatMap { $0.isEmpty ? nil : Named(variable: variable, path: $0) }
            }.first
        self.folders = (environment[Self.folderVariable] ?? "").split(separator: ":").map {
            Named(variable: Self.folderVariable, path: String($0))
        }
    }

    /// The certificates of the file and of the folders; `nil` where the environment names none.
    ///
    /// - Throws: `invalidConfiguration` for a file or folder that cannot be read, or has no certificates.
    func authorities() throws(DatabricksError) -> Authorities? {
        guard self.named != nil || !self.folders.isEmpty else { return nil }
        var authorities = Authorities()
        if let named { authorities.roots = .certificates(try Self.certificates(ofFile: named)) }
        for folder in self.folders { authorities.others += try Self.certificates(ofFolder: folder) }
        return authorities
    }

    private static func certificates(ofFile named: Named) throws(DatabricksError) -> [NIOSSLCertificate] {
        guard access(named.path, R_OK) == 0 else {
            throw Self.unusable(named, "which cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(named.path), !certificates.isEmpty else {
            throw Self.unusable(named, "which is not a file of certificates in the PEM format")
        }
        return certificates
    }

    /// The certificates of all files in a folder, each once; what else is there is passed over.
    private static func certificates(ofFolder named: Named) throws(DatabricksError) -> [NIOSSLCertificate] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: named.path)
        } catch {
            throw Self.unusable(named, "which is not a folder that can be read")
        }
        var found = Set<NIOSSLCertificate>()
        for name in names.sorted() {
            for certificate in (try? NIOSSLCertificate.fromPEMFile("\(named.path)/\(name)")) ?? [] {
                found.insert(certificate)
            }
        }
        guard !found.isEmpty else {
            throw Self.unusable(named, "a folder without a file of certificates in the PEM format")
        }
        return Array(found)
    }

    private static func unusable(_ named: Named, _ why: String) -> DatabricksError {
        DatabricksError(
            code: .invalidConfiguration,
            message:
                "\(named.variable) names \(named.path), \(why); set it to a \(named.variable == Self.folderVariable ? "folder" : "file") of certificates, or unset it for the system's"
        )
    }

    /// The remedy for a rejected certificate.
    var remedy: String {
        let places = (self.named.map { [$0] } ?? []) + self.folders
        guard !places.isEmpty else {
            return "set SSL_CERT_FILE to a file with the authority's certificate if it is a private one"
        }
        let names = places.map { "\($0.variable) (\($0.path))" }
        return "its authority is not in \(names.joined(separator: " or "))"
    }
}
