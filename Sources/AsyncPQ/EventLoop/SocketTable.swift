//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The sockets of a loop by number, so that an event finds its socket without hashing.
///
/// A number is used again; the token around it is not, so that an event that was meant for an earlier socket finds nothing.
struct SocketTable {
    /// A socket's number with the count of sockets before it.
    struct Token: Hashable, Sendable {
        /// As the kernel keeps it.
        var bits: UInt64

        fileprivate var index: Int { Int(self.bits & 0xFFFF_FFFF) }
    }

    private var sources: [SocketSource?] = []
    private var free: [Int] = []
    private var generation: UInt32 = 0

    /// Adds a socket and returns its token.
    mutating func insert(_ source: SocketSource) -> Token {
        let index = self.free.popLast() ?? self.sources.count
        self.generation &+= 1
        let token = Token(bits: UInt64(self.generation) << 32 | UInt64(index))
        source.token = token
        if index == self.sources.count { self.sources.append(source) } else { self.sources[index] = source }
        return token
    }

    mutating func remove(_ source: SocketSource) {
        guard let token = source.token else { return }
        source.token = nil
        self.sources[token.index] = nil
        self.free.append(token.index)
    }

    /// The socket of that token, if it is still there.
    subscript(token: Token) -> SocketSource? {
        let index = token.index
        guard index < self.sources.count, let source = self.sources[index], source.token == token else { return nil }
        return source
    }
}
