//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A string that equals another only if their UTF-8 bytes are the same, as servers and file systems compare names.
///
/// Swift's `String` takes texts for equal that differ in Unicode normal form: `"caf\u{E9}" == "cafe\u{301}"`. PostgreSQL, HTTP and Linux
/// file systems do not. Use it as the key of a dictionary, and wherever a text that a server stores is compared.
package struct ExactText: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The text itself.
    package var text: String

    package init(_ text: String) { self.text = text }

    package init(_ text: Substring) { self.text = String(text) }

    package init(stringLiteral text: String) { self.text = text }

    package var description: String { self.text }

    package static func == (left: ExactText, right: ExactText) -> Bool { left.text.isExactly(right.text) }

    /// Compares the bytes, as the C collation and `memcmp` do.
    package static func < (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        let hashed: Void? = self.text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if hashed == nil {
            for byte in self.text.utf8 { hasher.combine(byte) }
        }
        // So that the hashes of a sequence of texts differ with the places where one ends.
        hasher.combine(0xFF as UInt8)
    }
}
