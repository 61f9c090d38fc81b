//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import ExactText
import Foundation
import Secrets

/// The proof that a login page was shown, which it sends back; a value without a clock.
///
/// A ticket carries the request itself under a seal, so that pages take no memory here: however many pages another
/// client opens, the owner's ticket is valid.
struct LoginTickets: Sendable {
    /// How long a page is valid, in seconds.
    static let life: TimeInterval = 600

    private struct Content: Codable {
        var request: AuthorizationRequest
        var ends: Date
        /// A unique number, so that every ticket differs.
        var number: UUID
    }

    private let key: SymmetricKey
    /// The tickets that were used, until they expire; only the owner can use one.
    private var spent: [UUID: Date] = [:]

    /// - Parameter key: The key that seals the tickets; tickets of another process are invalid here.
    init(key: SymmetricKey = SymmetricKey(size: .bits256)) { self.key = key }

    /// Creates the ticket of a page.
    func make(_ request: AuthorizationRequest, number: UUID, now: Date) -> Secret {
        let content = Content(request: request, ends: now.addingTimeInterval(Self.life), number: number)
        // Texts, a date of this time and an id always have a form in JSON; without one the ticket would open nothing.
        let data = (try? JSONEncoder().encode(content)) ?? Data()
        let seal = HMAC<SHA256>.authenticationCode(for: data, using: self.key)
        return Secret("\(Base64URL.encode(data)).\(Base64URL.encode(Data(seal)))")
    }

    /// The request for which a page was shown; `nil` for a ticket that is foreign, too old or used.
    func request(of ticket: Secret, now: Date) -> AuthorizationRequest? { self.content(of: ticket, now: now)?.request }

    /// Marks a ticket as used; false if it could not be.
    mutating func spend(_ ticket: Secret, now: Date) -> Bool {
        guard let content = self.content(of: ticket, now: now) else { return false }
        self.spent = self.spent.filter { $0.value > now }
        self.spent[content.number] = content.ends
        return true
    }

    private func content(of ticket: Secret, now: Date) -> Content? {
        let parts = ticket.withUnsafeValue {
            $0.splitExactly(at: ".", omittingEmptySubsequences: false).map(String.init)
        }
        guard parts.count == 2, let data = Base64URL.decode(parts[0]), let seal = Base64URL.decode(parts[1]),
            HMAC<SHA256>.isValidAuthenticationCode(seal, authenticating: data, using: self.key),
            let content = try? JSONDecoder().decode(Content.self, from: Data(data)),
            content.ends > now, self.spent[content.number] == nil
        else { return nil }
        return content
    }
}
