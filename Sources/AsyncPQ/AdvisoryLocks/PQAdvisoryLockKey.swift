//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The key of an advisory lock, whose meaning the application decides.
///
/// A database has two kinds of keys that do not overlap: one number of 64 bits, and a pair of numbers of 32 bits. A text
/// stands for the number of 64 bits that FNV-1a makes of its bytes in UTF-8, in every version of this library. Two texts
/// that make the same number share a lock, which is safe and very unlikely.
public struct PQAdvisoryLockKey: Sendable, Hashable {
    enum Kind: Hashable {
        case number(Int64)
        case pair(Int32, Int32)
    }

    let kind: Kind

    /// A key of 64 bits.
    public init(_ number: Int64) { self.kind = .number(number) }

    /// A key of two numbers, such as a class of things and the number of one of them.
    public init(_ first: Int32, _ second: Int32) { self.kind = .pair(first, second) }

    /// A key for a text.
    public init(_ text: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.init(Int64(bitPattern: hash))
    }

    /// A call of one of the server's functions for the key.
    func call(_ function: StaticString) -> PQQuery {
        switch self.kind {
        case .number(let number): "SELECT pg_catalog.\(unescaped: "\(function)")(\(number))"
        case .pair(let first, let second): "SELECT pg_catalog.\(unescaped: "\(function)")(\(first), \(second))"
        }
    }
}

extension PQAdvisoryLockKey: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// A key of 64 bits.
    public init(integerLiteral number: Int64) { self.init(number) }

    /// A key for a text.
    public init(stringLiteral text: String) { self.init(text) }
}

extension PQAdvisoryLockKey: CustomStringConvertible {
    /// The key as the server's functions take it.
    public var description: String {
        switch self.kind {
        case .number(let number): "\(number)"
        case .pair(let first, let second): "(\(first), \(second))"
        }
    }
}

/// The mode of an advisory lock.
public enum PQAdvisoryLockMode: Sendable, Hashable {
    /// One session holds the lock.
    case exclusive
    /// Several sessions hold the lock, and none holds it exclusively.
    case shared
}
