//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalWorkspace
import Secrets
import Synchronization

/// The browser logins, stored in a document.
final class OAuthLoginStore: Sendable {
    private static let document = "logins"

    /// Whether every client is logged in as the developer, without a page.
    let approves: Bool
    /// Checks the code; `nil` where logins are approved beforehand, or not possible.
    let desk: LoginDesk?
    /// Whether the page may name the file with the code: every client that reaches it is on this machine.
    let showsFile: Bool
    private let tickets = Mutex(LoginTickets())
    private let book: Mutex<AuthorizationCodeStore>
    private let documents: (any DocumentStore)?

    /// Reads the stored logins.
    init(documents: any DocumentStore, approves: Bool, desk: LoginDesk? = nil, showsFile: Bool = true) throws {
        self.book = Mutex(
            AuthorizationCodeStore(
                try documents.load(AuthorizationCodeStore.Kept.self, named: Self.document) ?? .init()))
        self.documents = documents
        self.approves = approves
        self.desk = desk
        self.showsFile = showsFile
    }

    /// The ticket of a page.
    func show(_ request: AuthorizationRequest) -> Secret {
        self.tickets.withLock { $0.make(request, number: UUID(), now: Date()) }
    }

    /// The request for which a page was shown, if its ticket is still valid.
    func request(of ticket: Secret) -> AuthorizationRequest? {
        self.tickets.withLock { $0.request(of: ticket, now: Date()) }
    }

    /// Marks the ticket of a page as used; false if another answer did so first.
    func spend(_ ticket: Secret) -> Bool { self.tickets.withLock { $0.spend(ticket, now: Date()) } }

    /// A code for a user who logged in.
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

    /// Changes the store and returns when the change is written; a rejection may change it too.
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
