//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL

/// Checks the name in an upstream's certificate, more strictly than NIOSSL.
///
/// NIOSSL accepts a certificate that names the address it connected to, even when a host name was asked for.
/// An attacker who can forge an answer of the name service can get such a certificate for an address of their own, and would be
/// given the password. So a name that was asked for has to be in the certificate.
struct ServerIdentity: Error, CustomStringConvertible {
    let name: String

    var description: String { "its certificate is not for \(self.name)" }

    /// Checks the peer of an established TLS connection against the name it should have.
    static func verify(_ name: String, on channel: any Channel, with tls: TLSConfiguration) throws {
        // The other modes do not compare names.
        guard tls.certificateVerification == .fullVerification else { return }
        if let address = try? SocketAddress(ipAddress: name, port: 0) {
            guard channel.remoteAddress?.ipAddress == address.ipAddress else { throw ServerIdentity(name: name) }
            return
        }
        guard let certificate = try channel.pipeline.syncOperations.nioSSL_peerCertificate() else {
            throw ServerIdentity(name: name)
        }
        let names = Array(certificate._subjectAlternativeNames())
        // A certificate without alternative names was compared by its common name, which cannot be an address.
        if names.isEmpty { return }
        let isNamed = names.contains { candidate in
            guard candidate.nameType == .dnsName else { return false }
            return self.matches(name, pattern: String(decoding: candidate.contents, as: UTF8.self))
        }
        guard isNamed else { throw ServerIdentity(name: name) }
    }

    /// Compares a host name with one of a certificate, whose first label may be an asterisk for one label.
    ///
    /// As bytes, of which ASCII's letters have no case: Unicode would take a Kelvin sign for a k.
    static func matches(_ name: String, pattern: String) -> Bool {
        func normalized(_ text: String) -> ArraySlice<UInt8> {
            let bytes = text.utf8.map(\.lowercasedASCII)
            return bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes[...]
        }
        let name = normalized(name)
        let pattern = normalized(pattern)
        guard !name.isEmpty else { return false }
        guard pattern.starts(with: "*.".utf8) else { return name == pattern }
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return false }
        return name[dot...] == pattern.dropFirst()
    }
}

extension ResolvedUpstream {
    /// Checks the identity of the peer; called when the handshake is complete and before anything is sent.
    func verifyIdentity(of channel: any Channel) throws {
        guard case .tcp(let host, _, let tls?, let serverName) = self.target else { return }
        try ServerIdentity.verify(serverName ?? host, on: channel, with: tls)
    }
}
