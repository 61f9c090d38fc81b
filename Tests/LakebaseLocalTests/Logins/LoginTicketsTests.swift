//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Tickets of login pages") struct LoginTicketsTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)
    private static let request = AuthorizationRequest(
        clientID: "databricks-cli", redirect: "http://localhost:8020", scopes: ["all-apis"], state: "s\u{0}\u{1F600}\"",
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    private var tickets = LoginTickets()

    private func make() -> Secret { self.tickets.make(Self.request, number: UUID(), now: Self.start) }

    @Test mutating func `page counts once, and for ten minutes`() {
        let (ticket, other) = (self.make(), self.make())
        #expect(ticket != other)
        #expect(self.tickets.request(of: ticket, now: Self.start + 599) == Self.request)
        let spent = (1...2).map { _ in self.tickets.spend(ticket, now: Self.start + 599) }
        #expect(spent == [true, false])
        #expect(self.tickets.request(of: ticket, now: Self.start + 599) == nil)
        #expect(self.tickets.request(of: other, now: Self.start + 599) == Self.request)
        #expect(self.tickets.request(of: other, now: Self.start + 600) == nil)
        let late = self.tickets.spend(other, now: Self.start + 600)
        #expect(!late)
    }

    @Test func `pages that others open leave the owner's alone`() {
        let ticket = self.make()
        for _ in 0..<5_000 { _ = self.make() }
        #expect(self.tickets.request(of: ticket, now: Self.start + 1) == Self.request)
    }

    @Test func `what was not made here, or was changed, is no ticket`() throws {
        let ticket = self.make().withUnsafeValue { $0 }
        for offset in stride(from: 0, to: ticket.utf8.count, by: 7) {
            var changed = Array(ticket.utf8)
            changed[offset] = changed[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: changed, as: UTF8.self)
            #expect(self.tickets.request(of: Secret(text), now: Self.start) == nil, "\(offset)")
        }
        let seal = try #require(ticket.split(separator: ".").last)
        for text in [
            "", ".", "other", "e30.\(seal)", ".\(seal)", ticket + ".", ticket + "=", String(ticket.dropLast()),
        ] {
            #expect(self.tickets.request(of: Secret(text), now: Self.start) == nil, "\(text)")
        }
        #expect(LoginTickets().request(of: Secret(ticket), now: Self.start) == nil)
        let key = SymmetricKey(size: .bits256)
        let again = LoginTickets(key: key).make(Self.request, number: UUID(), now: Self.start)
        #expect(LoginTickets(key: key).request(of: again, now: Self.start) == Self.request)
    }
}
