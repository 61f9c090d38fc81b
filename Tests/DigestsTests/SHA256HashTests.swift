//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Digests
import Foundation
import Secrets
import Testing

/// The known values are those of FIPS 180-4's examples and of `sha256sum`.
@Suite struct SHA256HashTests {
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test(
        "the hash of a text is what sha256sum prints",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", Self.abc),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ("caf\u{E9}", "850f7dc43910ff890f8879c0ed26fe697c93a067ad93a7d50f466a7028a9bf4e"),
        ])
    func known(text: String, hex: String) {
        #expect(SHA256Hash(ofText: text).hex == hex)
        #expect(SHA256Hash(of: Array(text.utf8)).hex == hex)
        // A sequence that does not lie in one piece.
        #expect(SHA256Hash(of: text.utf8.lazy.map(\.self)).hex == hex)
    }

    @Test("each form writes the same bytes")
    func forms() {
        let hash = SHA256Hash(ofText: "abc")
        #expect(hash.bytes.count == 32 && hash.bytes[0] == 0xBA)
        #expect(hash.hex(bytes: 4) == "ba7816bf" && hash.hex(bytes: 0).isEmpty && hash.hex(bytes: 99) == Self.abc)
        // RFC 7636, appendix B.
        #expect(
            SHA256Hash(ofText: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").base64URL
                == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(hash.int64 == Int64(bitPattern: 0xBA78_16BF_8F01_CFEA))
        // A leading zero of a byte is written.
        #expect(
            SHA256Hash(ofText: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex(bytes: 5) == "248d6a61d2"
        )
        #expect(SHA256Hash(ofText: "39").hex(bytes: 1) == "0b")
    }

    @Test("a hash is compared by all of its bytes, also with its digits")
    func comparison() {
        let hash = SHA256Hash(ofText: "abc")
        #expect(hash == SHA256Hash(of: [97, 98, 99]) && hash != SHA256Hash(ofText: "abd"))
        #expect(hash.matches(hex: Self.abc))
        for wrong in [
            "", String(Self.abc.dropLast()), Self.abc + "0", Self.abc.uppercased(), "\(Self.abc.dropLast())e",
        ] {
            #expect(!hash.matches(hex: wrong), "\(wrong)")
        }
    }

    @Test("parts give the hash of the whole")
    func parts() {
        var hasher = SHA256Hash.Hasher()
        #expect(hasher.finish() == SHA256Hash(ofText: ""))
        hasher.update("a".utf8)
        hasher.update([])
        [UInt8]("bc".utf8).withUnsafeBytes { hasher.update($0) }
        #expect(hasher.finish().hex == Self.abc)
    }

    @Test("a file is hashed in parts, whatever its length", arguments: [0, 1, (1 << 18) - 1, 1 << 18, 3 << 18 | 7])
    func file(length: Int) throws {
        let path = FileManager.default.temporaryDirectory.path + "/digests-\(UUID().uuidString)"
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (hash, size) = try SHA256Hash.ofFile(path)
        #expect(hash == SHA256Hash(of: bytes) && size == length)
    }

    @Test("a file that cannot be read is an error that names it")
    func missing() throws {
        let error = #expect(throws: PrivateFile.Failure.self) { try SHA256Hash.ofFile("/nowhere/file") }
        #expect(error?.path == "/nowhere/file" && error?.operation == "open")
        // A folder can be opened and not read.
        let folder = #expect(throws: PrivateFile.Failure.self) { try SHA256Hash.ofFile("/") }
        #expect(folder?.operation == "read")
    }
}
