//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalWorkspace
import Secrets
import Synchronization

/// The logins of people, kept in a document.
final class OAuthLoginStore: Sendable {
    private static let document = "logins"

    /// Whether every client is logged in as the developer, without a page.
    let approves: Bool
    /// Asks for the code; `nil` where logins are approved beforehand, or not at all.
    let desk: LoginDesk?
    /// Whether the page may name the file that the code is in: all who reach it are on this machine.
    let showsFile: Bool
    private let tickets = Mutex(LoginTickets())
    private let book: Mutex<AuthorizationCodeStore>
    private let documents: (any DocumentStore)?

    /// Reads the logins that last.
    init(documents: any DocumentStore, approves: Bool, desk: LoginDesk? = nil, showsFile: Bool = true) throws {
        self.book = Mutex(
            AuthorizationCodeStore(
                try documents.load(AuthorizationCodeStore.Kept.self, named: Self.document) ?? .init()))
        self.documents = documents
        self.approves = approves
        self.desk = desk
        self.showsFile = showsFile
    }

    /// A page's ticket.
    func show(_ request: AuthorizationRequest) -> Secret {
        self.tickets.withLock { $0.make(request, number: UUID(), now: Date()) }
    }

    /// What a page was shown for, if its ticket still counts.
    func request(of ticket: Secret) -> AuthorizationRequest? {
        self.tickets.withLock { $0.request(of: ticket, now: Date()) }
    }

    /// Spends the ticket of a page that logs a person in; false if another answer did so first.
    func spend(_ ticket: Secret) -> Bool { self.tickets.withLock { $0.spend(ticket, now: Date()) } }

    /// A code for a person who logged in.
    func issue(for request: AuthorizationRequest, to user: String) -> Secret {
        let code = Self.random()
        self.book.withLock { $0.issue(code, for: request, to: user, now: Date()) }
        return code
    }

    func exchange(code: Secret, verifier: Secret, redirect: String, clientID: String) throws
        -> AuthorizationCodeStore.Grant
    {
        try self.change { book throws(AuthorizationCodeStore.Refusal) in
            try book.exchange(
                code: code, verifier: verifier, redirect: redirect, clientID: clientID, next: Self.random(),
                id: UUID().uuidString.lowercased(), now: Date())
        }
    }

    func renew(_ token: Secret, clientID: String, scopes: [String]) throws -> AuthorizationCodeStore.Grant {
        try self.change { book throws(AuthorizationCodeStore.Refusal) in
            try book.renew(token, clientID: clientID, scopes: scopes, next: Self.random(), now: Date())
        }
    }

    /// Changes the book and returns when the change is kept; a refusal may change it, too.
    private func change(
        _ body: (inout AuthorizationCodeStore) throws(AuthorizationCodeStore.Refusal) -> AuthorizationCodeStore.Grant
    ) throws -> AuthorizationCodeStore.Grant {
        try self.book.withLock { book in
            let before = book.kept
            let result: Result<AuthorizationCodeStore.Grant, AuthorizationCodeStore.Refusal>
            do throws(AuthorizationCodeStore.Refusal) {
                result = .success(try body(&book))
            } catch {
                result = .failure(error)
            }
            if book.kept != before { try self.documents?.save(book.kept, named: Self.document) }
            return try result.get()
        }
    }

    private static func random() -> Secret { RandomText.make(prefix: "", hexDigits: 64) }
}
