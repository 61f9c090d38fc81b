//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

@Suite("The table of sockets")
struct SocketTableTests {
    @Test func `each socket is found by its token until it is removed`() {
        var table = SocketTable()
        let sources = (0..<5).map { _ in SocketSource() }
        let tokens = sources.map { table.insert($0) }
        #expect(Set(tokens).count == 5)
        for (source, token) in zip(sources, tokens) { #expect(table[token] === source) }
        table.remove(sources[2])
        #expect(table[tokens[2]] == nil)
        #expect(sources[2].token == nil)
        #expect(table[tokens[3]] === sources[3])
    }

    @Test func `an event for a socket that is gone does not reach the one that took its place`() {
        var table = SocketTable()
        let (first, second) = (SocketSource(), SocketSource())
        let old = table.insert(first)
        table.remove(first)
        let new = table.insert(second)
        #expect(table[old] == nil)
        #expect(table[new] === second)
        table.remove(first)
        #expect(table[new] === second)
    }

    @Test func `a number nobody gave out finds nothing`() {
        #expect(SocketTable()[.init(bits: .max)] == nil)
    }
}
