//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
import LocalGround
import Secrets
import SwiftASN1
import X509

/// The authority whose certificate the clients of a local Lakebase trust.
///
/// Its key stays in the data directory, so that a trusted certificate stays valid after a restart.
struct CertificateAuthority {
    /// The lifetime of the authority's certificate.
    static let lifetime: TimeInterval = 3650 * 86_400
    /// The lifetime that must be left at a start; otherwise a new certificate is made.
    static let renewal: TimeInterval = 90 * 86_400

    private let key: P256.Signing.PrivateKey
    private let certificate: Certificate
    /// The certificate as PEM, for `PGSSLROOTCERT`.
    let pem: String

    /// Reads the authority from the folder, or creates a new one if there is none that is valid for long enough.
    static func load(from directory: DataDirectory, now: Date = Date()) throws(LocalLakebaseError)
        -> CertificateAuthority
    {
        do {
            let keyPEM = try? String(contentsOfFile: directory.secretsFolder + "/ca.key", encoding: .utf8)
            let certificatePEM = try? String(contentsOfFile: directory.certificateFile, encoding: .utf8)
            if let keyPEM, let certificatePEM,
                let key = try? P256.Signing.PrivateKey(pemRepresentation: keyPEM),
                let certificate = try? Certificate(pemEncoded: certificatePEM),
                certificate.publicKey == Certificate.PublicKey(key.publicKey),
                certificate.notValidBefore <= now,
                certificate.notValidAfter > now.addingTimeInterval(Self.renewal)
            {
                return CertificateAuthority(key: key, certificate: certificate, pem: certificatePEM)
            }
            let authority = try CertificateAuthority(now: now)
            try directory.keep(Secret(authority.key.pemRepresentation), as: "ca.key")
            try PrivateFile.write(Data(authority.pem.utf8), to: directory.certificateFile, mode: 0o644)
            return authority
        } catch let error as LocalLakebaseError {
            throw error
        } catch {
            throw LocalLakebaseError(
                .certificate, "No certificate could be made in \(directory.path): \(error).", underlying: error
            )
        }
    }

    /// Makes a new authority.
    init(now: Date) throws {
        let key = P256.Signing.PrivateKey()
        let issuer = Certificate.PrivateKey(key)
        let name = try DistinguishedName {
            OrganizationName("lakebase dev")
            // Two data directories on one machine have authorities of different names.
            CommonName("lakebase dev \(UUID().uuidString.prefix(8).lowercased())")
        }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: issuer.publicKey,
            // An hour of slack for clocks that differ, for example in a container.
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(Self.lifetime),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: issuer.publicKey)
            },
            issuerPrivateKey: issuer
        )
        self.init(key: key, certificate: certificate, pem: try certificate.serializeAsPEM().pemString + "\n")
    }

    private init(key: P256.Signing.PrivateKey, certificate: Certificate, pem: String) {
        self.key = key
        self.certificate = certificate
        self.pem = pem
    }

    /// Issues a certificate for a server known by these names and addresses.
    func issue(names: [String], addresses: [String], now: Date = Date()) throws -> ServerCertificate {
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let alternatives: [GeneralName] =
            names.map { .dnsName($0) }
            + addresses.compactMap { Self.address($0) }.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            // Apple's TLS refuses server certificates of more than 398 days. A process does not live that long.
            notValidAfter: min(now.addingTimeInterval(397 * 86_400), self.certificate.notValidAfter),
            issuer: self.certificate.subject,
            subject: try DistinguishedName { CommonName("lakebase dev") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
                SubjectKeyIdentifier(hash: publicKey)
                // Strict clients, such as Python from 3.13 on, want to be told (RFC 5280, 4.2.1.1).
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PublicKey(self.key.publicKey)).keyIdentifier)
            },
            issuerPrivateKey: Certificate.PrivateKey(self.key)
        )
        return ServerCertificate(
            certificatePEM: try certificate.serializeAsPEM().pemString,
            key: Secret(key.pemRepresentation)
        )
    }

    /// The bytes of an address of either kind, or `nil` for anything else.
    static func address(_ text: String) -> [UInt8]? {
        if let bytes = Self.bytes(of: text) { return bytes }
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    /// The four bytes of an IPv4 address, or `nil` for anything else.
    static func bytes(of address: String) -> [UInt8]? {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }
}

/// A server's certificate and its key, which never leaves the process.
struct ServerCertificate: Sendable {
    var certificatePEM: String
    var key: Secret
}
