//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import Lakebase

@Suite("The tokens of one user")
struct ForwardedTokensTests {
    private let now = Date(timeIntervalSince1970: 1_000_000)
    private func at(_ seconds: Double) -> Date { self.now + seconds }

    @Test func `of two the one that lives longer is used, whatever the order they come in`() {
        for order in [["old", "new"], ["new", "old"]] {
            var tokens = ForwardedTokens<String>()
            for token in order + order { tokens.add(token, expiresAt: self.at(token == "new" ? 3600 : 60)) }
            #expect(tokens.best(now: self.now) == "new")
            #expect(tokens.count == 2)
        }
    }

    @Test func `without known ends it is the one first seen last`() {
        var tokens = ForwardedTokens<String>()
        for token in ["a", "b", "a"] { tokens.add(token, expiresAt: nil) }
        #expect(tokens.best(now: self.now) == "b")
    }

    @Test func `a token that has ended or was refused is not used`() {
        var tokens = ForwardedTokens<String>()
        tokens.add("short", expiresAt: self.at(10))
        tokens.add("long", expiresAt: self.at(20))
        tokens.refuse("long")
        #expect(tokens.best(now: self.now) == "short")
        #expect(tokens.best(now: self.at(10)) == nil)
        tokens.add("long", expiresAt: self.at(20))
        #expect(tokens.best(now: self.at(10)) == "long")
        #expect(tokens.best(now: self.at(20)) == nil)
    }

    @Test func `only the best few are kept`() {
        var tokens = ForwardedTokens<String>()
        for number in 1...9 { tokens.add("\(number)", expiresAt: self.at(Double(number))) }
        #expect(tokens.count == ForwardedTokens<String>.limit)
        #expect(tokens.best(now: self.now) == "9")
        tokens.add("0", expiresAt: self.at(0.5))
        #expect(tokens.best(now: self.now) == "9" && tokens.count == ForwardedTokens<String>.limit)
    }
}
