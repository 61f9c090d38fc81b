//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Checks the TLS that a server offers before the login.
struct TLSCheck: Sendable, Equatable {
    /// The certificate of the server, as far as it matters.
    struct Certificate: Sendable, Equatable {
        var subject: String
        var issuer: String
        /// Names and addresses it is for.
        var names: [String]
        var notBefore: Date
        var notAfter: Date
    }

    /// Whether the chain leads to a trusted authority.
    enum Trust: Sendable, Equatable {
        case trusted
        case untrusted(String)
        /// The file of authorities cannot be used.
        case noAuthorities(String)
    }

    var host: String
    var mode: PQConnection.Configuration.TLSMode
    /// Whether a file of authorities is configured, which makes libpq verify with `require` too.
    var hasAuthorities: Bool
    /// A description of where the authorities come from.
    var authorities: String
    /// Nil where the server offers no TLS.
    var version: String?
    var certificate: Certificate?
    var trust: Trust
    var isLocal: Bool
    var now: Date

    private var needsTrust: Bool {
        switch self.mode {
        case .verifyCA, .verifyFull: true
        case .require: self.hasAuthorities
        case .disable, .allow, .prefer: false
        }
    }

    /// How the certificate's names fit; nil without a certificate.
    var nameFits: Bool? { self.certificate.map { CertificateName.fits(self.host, $0.names) } }
}

extension TLSCheck {
    /// The result under the configured `sslmode`.
    var finding: CheckResult {
        guard let version else { return self.withoutTLS }
        guard let certificate else {
            return self.problem("the server sends no certificate", "check which service answers at that port")
        }
        let faults = self.faults(certificate)
        if let first = faults.first { return self.problem(first.text, first.remedy, certificate) }
        let days = Int((certificate.notAfter.timeIntervalSince(self.now) / 86_400).rounded(.down))
        let verified =
            switch self.mode {
            case .verifyFull: "certificate and name verified"
            case .verifyCA: "certificate verified, its name not, as sslmode verify-ca says"
            case .require where self.hasAuthorities: "certificate verified, its name not, as sslmode require says"
            case .require, .prefer, .allow, .disable: "not verified, as sslmode \(self.mode.rawValue) says"
            }
        let text = "\(version), \(verified); the certificate is valid for another \(days) days"
        guard self.needsTrust, days < 7 else { return .ok(text, evidence: self.facts(certificate)) }
        return .problem(
            .warning, .serverNotTrusted, "\(version), \(verified); the certificate expires in \(days) days",
            evidence: self.facts(certificate),
            remedy: "have it renewed before \(certificate.notAfter.formatted(.iso8601))",
            command: Self.command)
    }

    private static let command = LakebaseProblem.serverNotTrusted.command

    private var withoutTLS: CheckResult {
        switch self.mode {
        case .require, .verifyCA, .verifyFull:
            return self.problem(
                "the server offers no TLS, and sslmode is \(self.mode.rawValue)",
                "connect to Lakebase itself, or to a local PostgreSQL with PGSSLMODE=prefer")
        case .disable, .allow, .prefer:
            let text = "no TLS is offered, and sslmode \(self.mode.rawValue) continues without it"
            return self.isLocal ? .ok(text) : Self.inTheClear(text)
        }
    }

    /// The result where `sslmode` is `disable`: the server is not asked.
    static func switchedOff(isLocal: Bool) -> CheckResult {
        isLocal
            ? .notNeeded("sslmode is disable, and the server is on this machine")
            : self.inTheClear("sslmode is disable, and the server is not on this machine")
    }

    private static func inTheClear(_ text: String) -> CheckResult {
        .problem(
            .warning, .tlsRequired, "\(text): password and data are sent over the network unencrypted",
            remedy: "set PGSSLMODE to verify-full, or to require where the certificate cannot be verified",
            command: "export PGSSLMODE=verify-full")
    }

    private func problem(_ text: String, _ remedy: String, _ certificate: Certificate? = nil) -> CheckResult {
        .problem(
            .failure, .serverNotTrusted, text, evidence: certificate.map(self.facts) ?? [], remedy: remedy,
            command: Self.command)
    }

    /// The reasons for which libpq refuses the connection, the most certain first.
    private func faults(_ certificate: Certificate) -> [(text: String, remedy: String)] {
        guard self.needsTrust else { return [] }
        var faults: [(text: String, remedy: String)] = []
        if certificate.notAfter <= self.now {
            faults.append(
                (
                    "the certificate expired at \(certificate.notAfter.formatted(.iso8601))",
                    "have it renewed, or set this machine's clock if that is wrong"
                ))
        }
        if certificate.notBefore > self.now {
            faults.append(
                (
                    "the certificate is not valid before \(certificate.notBefore.formatted(.iso8601))",
                    "set this machine's clock"
                ))
        }
        switch self.trust {
        case .trusted: break
        case .untrusted(let reason):
            faults.append(
                (
                    "the certificate is not from an authority that \(self.authorities) has: \(reason)",
                    "set PGSSLROOTCERT to the file of the authority \"\(certificate.issuer)\""
                ))
        case .noAuthorities(let reason):
            faults.append(
                (
                    "\(self.authorities) cannot be used to verify the server: \(reason)",
                    "set PGSSLROOTCERT to a file with authorities in PEM"
                ))
        }
        if self.mode == .verifyFull, self.nameFits == false {
            faults.append(
                (
                    "the certificate is not for \"\(self.host)\"",
                    "connect by a name it is for: \(certificate.names.prefix(5).joined(separator: ", "))"
                ))
        }
        return faults
    }

    private func facts(_ certificate: Certificate) -> [String] {
        [
            "the certificate is for \(certificate.names.prefix(8).joined(separator: ", "))",
            "it is from \(certificate.issuer)",
            "it is valid from \(certificate.notBefore.formatted(.iso8601)) to \(certificate.notAfter.formatted(.iso8601))",
            "authorities come from \(self.authorities)",
        ]
    }
}
