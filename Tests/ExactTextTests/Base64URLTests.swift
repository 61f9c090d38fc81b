//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Testing

@Suite("Base64 for addresses")
struct Base64URLTests {
    @Test("reads what it wrote, for every length and content")
    func roundTrip() {
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(text.utf8.count == (length * 4 + 2) / 3)
        }
        // RFC 7515, appendix C, and the bytes of both special characters.
        #expect(Base64URL.encode([3, 236, 255, 224, 193]) == "A-z_4ME")
        #expect(Base64URL.decode("A-z_4ME") == [3, 236, 255, 224, 193])
    }

    @Test(
        "refuses padding, the other alphabet, white space and foreign characters",
        arguments: [
            "QQ==", "QUI=", "QQ=", "A+z/4ME", "A-z_ 4ME", "QUJD\n", "\r\n", "QUJ\u{301}D", "QU\0D", "é", "QU.D",
        ]
    )
    func foreign(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test(
        "refuses a character too many and bits that belong to no byte", arguments: ["Q", "QUJDQ", "QR", "QUJ", "QUK"])
    func stray(_ text: String) {
        // "QUJ" would be "QUI" with a stray bit.
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("no two texts are the same bytes")
    func unique() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/")
        var (texts, contents) = (Set<String>(), Set<[UInt8]>())
        for first in alphabet {
            for second in alphabet {
                for text in ["\(first)\(second)", "AA\(first)\(second)", "A\(first)\(second)"] {
                    guard let bytes = Base64URL.decode(text) else { continue }
                    texts.insert(text)
                    contents.insert(bytes)
                }
            }
        }
        // All contents of one byte; of the others those of which the first six or twelve bits are none.
        #expect(contents.count == 256 + 1024 + 4096)
        #expect(texts.count == contents.count)
    }
}
