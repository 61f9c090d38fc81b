//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Lakebase
import Testing

@testable import LakebaseDoctor

@Suite("What sslmode makes of a certificate")
struct TLSCheckTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func evidence(
        _ mode: PQConnection.Configuration.TLSMode, host: String = "db.example.com", days: Double = 100,
        trust: TLSCheck.Trust = .trusted, hasAuthorities: Bool = false, isLocal: Bool = false, offersTLS: Bool = true
    ) -> TLSCheck {
        TLSCheck(
            host: host, mode: mode, hasAuthorities: hasAuthorities, authorities: "this system's authorities",
            version: offersTLS ? "TLS 1.3" : nil,
            certificate: .init(
                subject: "CN=db", issuer: "CN=authority", names: ["db.example.com", "*.pool.example.com"],
                notBefore: self.now - 86_400, notAfter: self.now + days * 86_400),
            trust: trust, isLocal: isLocal, now: self.now)
    }

    @Test("a certificate that is as it should be")
    func good() {
        #expect(Self.evidence(.verifyFull).finding.text.contains("valid for another 100 days"))
        for mode in PQConnection.Configuration.TLSMode.allCases where mode != .disable {
            #expect(Self.evidence(mode).finding.verdict == .ok, "\(mode)")
        }
    }

    @Test(
        "what each mode demands: an authority, a name, a date", arguments: PQConnection.Configuration.TLSMode.allCases)
    func demands(mode: PQConnection.Configuration.TLSMode) {
        let needsTrust = mode == .verifyCA || mode == .verifyFull
        #expect(Self.evidence(mode, trust: .untrusted("x")).finding.verdict == (needsTrust ? .failure : .ok))
        #expect(Self.evidence(mode, trust: .noAuthorities("x")).finding.verdict == (needsTrust ? .failure : .ok))
        #expect(Self.evidence(mode, days: -1).finding.verdict == (needsTrust ? .failure : .ok))
        #expect(Self.evidence(mode, days: 3).finding.verdict == (needsTrust ? .warning : .ok))
        #expect(Self.evidence(mode, host: "other").finding.verdict == (mode == .verifyFull ? .failure : .ok))
        // As libpq does it, a file of authorities makes `require` verify.
        let strict = needsTrust || mode == .require
        #expect(
            Self.evidence(mode, trust: .untrusted("x"), hasAuthorities: true).finding.verdict
                == (strict ? .failure : .ok))
    }

    @Test("no TLS is a failure where it is demanded, and a warning where the password would be read on the way")
    func clear() {
        for mode in [PQConnection.Configuration.TLSMode.require, .verifyCA, .verifyFull] {
            #expect(Self.evidence(mode, offersTLS: false).finding.problem == .serverNotTrusted)
        }
        #expect(Self.evidence(.prefer, offersTLS: false).finding.verdict == .warning)
        #expect(Self.evidence(.prefer, isLocal: true, offersTLS: false).finding.verdict == .ok)
        #expect(TLSCheck.switchedOff(isLocal: false).verdict == .warning)
        #expect(TLSCheck.switchedOff(isLocal: true).verdict == .skipped)
    }

    @Test(
        "names fit as libpq compares them",
        arguments: [
            ("db.example.com", "db.example.com", true), ("DB.example.com.", "db.EXAMPLE.com", true),
            ("a.pool.example.com", "*.pool.example.com", true), ("a.b.pool.example.com", "*.pool.example.com", false),
            ("pool.example.com", "*.pool.example.com", false), ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "*.0.0.1", false), ("::1", "::1", true), (".pool.example.com", "*.pool.example.com", false),
            ("db.example.com", "", false), ("", "*.x", false),
        ])
    func names(host: String, name: String, fits: Bool) { #expect(CertificateName.fits(host, [name]) == fits) }
}
