//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import Secrets

/// The certificates that Node.js programs trust in addition.
///
/// node-postgres looks at no `PGSSLROOTCERT`: it verifies against the store that Node.js comes with and
/// `NODE_EXTRA_CA_CERTS`, which names one file. What the user has there, such as the authority of a company's proxy,
/// has to stay trusted.
enum NodeCertificates {
    /// A limit above the size of any certificate store.
    private static let limit = 16 << 20

    /// The file to name: the authority's certificate, or a file with it and the given file's certificates.
    ///
    /// A given file that Node.js could not use either, because it cannot be read or has no certificate, is left out.
    static func file(in directory: DataDirectory, given: String?) throws(LocalLakebaseError) -> String {
        let own = directory.certificateFile
        guard let given, !given.isEmpty, !given.isExactly(own), !given.isExactly(directory.nodeCertificateFile),
            let theirs = Self.certificates(at: given)
        else { return own }
        do {
            var text = try Data(contentsOf: URL(fileURLWithPath: own))
            text.append(contentsOf: "\n".utf8)
            text.append(theirs)
            try PrivateFile.write(text, to: directory.nodeCertificateFile, mode: 0o644)
        } catch {
            throw LocalLakebaseError(
                .certificate,
                "The certificates for Node.js could not be written to \(directory.nodeCertificateFile): \(error).",
                remedy: "Free some space, or start without NODE_EXTRA_CA_CERTS.", underlying: error)
        }
        return directory.nodeCertificateFile
    }

    private static func certificates(at path: String) -> Data? {
        guard let size = PrivateFile.facts(of: path)?.size, size <= Int64(Self.limit),
            let data = FileManager.default.contents(atPath: path),
            data.range(of: Data("-----BEGIN CERTIFICATE-----".utf8)) != nil
        else { return nil }
        return data
    }
}
