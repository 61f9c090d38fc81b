//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import Secrets

/// The certificate bundles for programs that verify HTTPS.
///
/// Each of these variables replaces what a program trusts otherwise. So each names a file with the local authority and
/// everything that would have been trusted without it: the file that the variable names already, or the system's.
enum TrustBundles {
    /// The variables of OpenSSL, which Go, Ruby, PHP, Rust's native roots and this library also read; of Python's
    /// requests, and so the Databricks SDK; and of curl.
    static let variables = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]

    /// The bundles of Debian and Alpine, Fedora, SUSE, macOS and BSD, Homebrew.
    static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem", "/opt/homebrew/etc/ca-certificates/cert.pem",
    ]

    /// The names of the files: one for each variable if the bundles that they extend differ.
    private static let names = ["ca-bundle.pem", "ca-bundle-requests.pem", "ca-bundle-curl.pem"]

    /// The bundle that a program would trust otherwise.
    private struct Base {
        var path: String
        var certificates: Data
    }

    /// A limit above the size of any certificate store.
    private static let limit = 16 << 20

    /// The variables to set, with the files that they name.
    ///
    /// `CURL_CA_BUNDLE` is among them only where it is set already: curl reads `SSL_CERT_FILE` otherwise.
    static func files(
        in directory: DataDirectory, given: [String: String], systemBundles: [String] = Self.systemBundles
    ) throws(LocalLakebaseError) -> [String: String] {
        let own = Set(Self.names.map { ExactText("\(directory.path)/\($0)") } + [ExactText(directory.certificateFile)])
        // What cannot be used, or is ours from an earlier start, says nothing.
        func base(_ name: String) -> Base? {
            guard let path = given[name], !path.isEmpty, !own.contains(ExactText(path)) else { return nil }
            return Self.certificates(at: path).map { Base(path: path, certificates: $0) }
        }
        let system = systemBundles.lazy.compactMap { path in
            Self.certificates(at: path).map { Base(path: path, certificates: $0) }
        }.first
        let openssl = base("SSL_CERT_FILE") ?? system
        let curl = base("CURL_CA_BUNDLE")
        var wanted = [
            ("SSL_CERT_FILE", Self.names[0], openssl),
            ("REQUESTS_CA_BUNDLE", Self.names[1], base("REQUESTS_CA_BUNDLE") ?? curl ?? openssl),
        ]
        if let curl { wanted.append(("CURL_CA_BUNDLE", Self.names[2], curl)) }
        var files: [String: String] = [:]
        var written: [ExactText: String] = [:]
        for (variable, name, base) in wanted {
            let key = ExactText(base?.path ?? "")
            let file = written[key] ?? "\(directory.path)/\(name)"
            if written[key] == nil { try Self.write(base?.certificates, directory.certificateFile, to: file) }
            written[key] = file
            files[variable] = file
        }
        return files
    }

    private static func write(_ theirs: Data?, _ authority: String, to file: String) throws(LocalLakebaseError) {
        do {
            var text = try Data(contentsOf: URL(fileURLWithPath: authority))
            if let theirs {
                text.append(contentsOf: "\n".utf8)
                text.append(theirs)
            }
            try PrivateFile.write(text, to: file, mode: 0o644)
        } catch {
            throw LocalLakebaseError(
                .certificate, "The certificates for HTTPS could not be written to \(file): \(error).",
                remedy: "Free some space, or start without --https.", underlying: error)
        }
    }

    /// The certificates of a file, or of a folder as OpenSSL's `c_rehash` leaves it; `nil` where there are none.
    private static func certificates(at path: String) -> Data? {
        guard PrivateFile.isDirectory(path) else { return Self.file(path) }
        var all = Data()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names.sorted() where name.wholeMatch(of: /[0-9a-f]{8}\.[0-9]+/) != nil {
            guard let one = Self.file("\(path)/\(name)"), one.count <= Self.limit - all.count else { continue }
            all.append(one)
            all.append(contentsOf: "\n".utf8)
        }
        return all.isEmpty ? nil : all
    }

    private static func file(_ path: String) -> Data? {
        // Through links: distributions have the bundle behind one.
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        let target = String(cString: real)
        guard let facts = PrivateFile.facts(of: target), facts.kind == .file, facts.size <= Int64(Self.limit),
            let data = FileManager.default.contents(atPath: target),
            data.range(of: Data("-----BEGIN CERTIFICATE-----".utf8)) != nil
        else { return nil }
        return data
    }
}
