//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The table of channels")
struct ChannelTableTests {
    private typealias Table = ChannelTable<String, Int>

    @Test func `channels are listened to once each, and no longer when their last listener has gone`() {
        var table = Table()
        #expect(table.isEmpty && table.next == .close)
        #expect(table.add(1, to: "b", "first", 11) == nil)
        #expect(table.add(2, to: "a", "second", 12) == nil)
        #expect(table.add(3, to: "a", "third", 13) == nil)
        #expect(table.next == .listen("a"))
        let (waiters, interrupted) = table.didListen(to: "a")
        #expect(waiters.sorted() == [12, 13] && interrupted == [])
        #expect(table.next == .listen("b"))
        #expect(table.didListen(to: "b").waiters == [11])
        #expect(table.next == .wait)
        #expect(table.add(4, to: "a", "fourth", 14) == 14, "it is listened to already")
        #expect(table.listeners(of: "a").sorted() == ["fourth", "second", "third"])
        for id: UInt64 in [2, 3] { #expect(table.remove(id, from: "a") == nil) }
        #expect(table.next == .wait)
        #expect(table.remove(4, from: "a") == nil)
        #expect(table.next == .unlisten("a"))
        table.didUnlisten("a")
        #expect(table.next == .wait)
        #expect(table.remove(1, from: "b") == nil)
        #expect(table.isEmpty && table.next == .close)
    }

    @Test func `after a lost connection all channels are listened to again, and then their listeners are told`() {
        var table = Table()
        _ = table.add(1, to: "a", "first", 11)
        _ = table.didListen(to: "a")
        _ = table.add(2, to: "b", "second", 12)
        table.didDisconnect()
        _ = table.add(3, to: "a", "third", 13)
        #expect(table.next == .listen("a"))
        let a = table.didListen(to: "a")
        #expect(a.waiters == [13] && a.interrupted == ["first"], "a new listener has missed nothing")
        let b = table.didListen(to: "b")
        #expect(b.waiters == [12] && b.interrupted == [])
        table.didDisconnect()
        table.didDisconnect()
        #expect(table.didListen(to: "a").interrupted.sorted() == ["first", "third"])
        #expect(table.didListen(to: "a").interrupted == [], "once")
    }

    @Test func `a waiting caller that gives up, a refused channel and the end return who is concerned`() {
        var table = Table()
        _ = table.add(1, to: "a", "first", 11)
        #expect(table.remove(1, from: "a") == 11)
        #expect(table.remove(1, from: "a") == nil)
        _ = table.add(2, to: "a", "second", 12)
        let refused = table.refused("a")
        #expect(refused.waiters == [12] && refused.listeners == ["second"] && table.isEmpty)
        _ = table.add(3, to: "a", "third", 13)
        _ = table.didListen(to: "a")
        _ = table.add(4, to: "b", "fourth", 14)
        let all = table.removeAll()
        #expect(all.waiters == [14] && all.listeners.sorted() == ["fourth", "third"] && table.isEmpty)
    }

    @Test func `names that Unicode takes for equal are two channels`() {
        var table = Table()
        _ = table.add(1, to: "caf\u{E9}", "first", 11)
        _ = table.add(2, to: "cafe\u{301}", "second", 12)
        #expect(table.listeners(of: "caf\u{E9}") == ["first"])
        #expect(table.listeners(of: "cafe\u{301}") == ["second"])
    }
}
