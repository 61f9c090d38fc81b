//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Crypto
internal import ExactText

/// The SHA-256 hash of bytes (FIPS 180-4), and the forms in which this project writes it.
///
/// Two hashes are compared in constant time, so that the hash of a secret may be compared with one from a client.
package struct SHA256Hash: Sendable {
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// Hashes bytes.
    package init(of bytes: some Sequence<UInt8>) {
        var hasher = Hasher()
        hasher.update(bytes)
        self = hasher.finish()
    }

    /// Hashes the UTF-8 bytes of a text.
    package init(ofText text: String) { self.init(of: text.utf8) }

    fileprivate init(_ digest: SHA256.Digest) { self.bytes = Array(digest) }

    /// All of it in lower-case hexadecimal digits.
    package var hex: String { self.hex(bytes: self.bytes.count) }

    /// The first bytes in lower-case hexadecimal digits, two for each byte.
    package func hex(bytes count: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = self.bytes.prefix(count).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// All of it in base64 for addresses, without padding.
    package var base64URL: String { Base64URL.encode(self.bytes) }

    /// The first 8 bytes as a big-endian number, such as the key of an advisory lock.
    package var int64: Int64 { self.bytes.prefix(8).reduce(0) { $0 << 8 | Int64($1) } }

    /// Whether a text is this hash in lower-case hexadecimal digits; compares in constant time.
    package func matches(hex text: String) -> Bool { Self.areEqual(Array(self.hex.utf8), Array(text.utf8)) }

    /// Compares bytes of the same length without telling by the time it takes where they differ.
    fileprivate static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

extension SHA256Hash: Hashable {
    /// Compares in constant time.
    package static func == (left: Self, right: Self) -> Bool { Self.areEqual(left.bytes, right.bytes) }
}

extension SHA256Hash {
    /// Hashes bytes that come in parts.
    package struct Hasher: Sendable {
        private var hash = SHA256()

        /// A hasher that was given nothing yet.
        package init() {}

        /// Adds bytes.
        package mutating func update(_ bytes: some Sequence<UInt8>) {
            let isDone: Void? = bytes.withContiguousStorageIfAvailable { self.update(UnsafeRawBufferPointer($0)) }
            if isDone == nil { Array(bytes).withUnsafeBytes { self.update($0) } }
        }

        /// Adds the bytes in a piece of memory.
        package mutating func update(_ bytes: UnsafeRawBufferPointer) { self.hash.update(bufferPointer: bytes) }

        /// Returns the hash of everything that was added.
        package func finish() -> SHA256Hash { SHA256Hash(self.hash.finalize()) }
    }
}
