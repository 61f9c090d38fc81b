//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import SwiftASN1
import Testing
import X509

@testable import LakebaseLocal

@Suite("Certificates") struct CertificateTests {
    @Test func `a server certificate names its hosts and addresses and is signed by the authority`() throws {
        let authority = try CertificateAuthority(now: Date())
        let server = try authority.issue(names: ["localhost"], addresses: ["127.1.2.3", "nonsense"])
        let certificate = try Certificate(pemEncoded: server.certificatePEM)
        let root = try Certificate(pemEncoded: authority.pem)
        #expect(root.publicKey.isValidSignature(certificate.signature, for: certificate))
        let names = try #require(try certificate.extensions.subjectAlternativeNames)
        #expect(names.count == 2)
        #expect(names.contains(.dnsName("localhost")))
        #expect(String(describing: server).contains("PRIVATE") == false)
    }

    @Test func `the authority is kept until it is about to end`() throws {
        let (directory, _) = try DataDirectory.open(path: nil)
        defer { directory.removeIfTemporary() }
        let first = try CertificateAuthority.load(from: directory)
        #expect(try CertificateAuthority.load(from: directory).pem == first.pem)
        let later = Date().addingTimeInterval(CertificateAuthority.lifetime - CertificateAuthority.renewal + 60)
        #expect(try CertificateAuthority.load(from: directory, now: later).pem != first.pem)
    }

    @Test(arguments: [
        ("127.0.0.1", [127, 0, 0, 1] as [UInt8]?), ("256.0.0.1", nil), ("1.2.3", nil), ("", nil), ("1.2.3.4.5", nil),
    ]) func `addresses are four bytes`(text: String, bytes: [UInt8]?) {
        #expect(CertificateAuthority.bytes(of: text) == bytes)
    }
}
