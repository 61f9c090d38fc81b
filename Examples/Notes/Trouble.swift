//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import Lakebase

/// An error that the app shows to the visitor as a page.
///
/// It never contains the text of the underlying error, which may name hosts and queries: that goes to the log only.
struct Trouble: Error, Sendable {
    var status: HTTPResponse.Status
    /// The page's heading.
    var title: String
    /// What happened, in one sentence.
    var explanation: String
    /// What to do about it, in one sentence.
    var remedy: String
    /// The value of `Retry-After`, in seconds.
    var retryAfter: Int?
    /// The methods that the path has, for status 405.
    var allowed: [HTTPRequest.Method] = []

    var headers: HTTPFields {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        // The answer is a page or JSON, depending on `Accept`.
        headers[.vary] = "Accept"
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if !self.allowed.isEmpty { headers[.allow] = self.allowed.map(\.rawValue).joined(separator: ", ") }
        return headers
    }
}

extension Trouble {
    static let noSuchPage = Trouble(
        status: .notFound, title: "There is no such page",
        explanation: "This address leads nowhere.", remedy: "The notes are all on the first page.")

    static let noSuchNote = Trouble(
        status: .notFound, title: "There is no such note",
        explanation: "It was deleted, perhaps in another window.", remedy: "The first page shows the notes there are.")

    static let otherSite = Trouble(
        status: .forbidden, title: "That came from another site",
        explanation: "Another site's page tried to change the notes in your name, so nothing was changed.",
        remedy: "If it was you who wanted the change, make it on the notes' own page.")

    static let foreignForm = Trouble(
        status: .forbidden, title: "That form is not from here",
        explanation: "It lacks the mark that the forms of this app's own pages have, so nothing was changed.",
        remedy: "Load the first page again and use its forms; the app needs its cookie for that.")

    static let unknownVisitor = Trouble(
        status: .unauthorized, title: "You are not signed in",
        explanation: "The workspace does not confirm who you are.",
        remedy: "Load the page again, and sign in if you are asked to.")

    static func method(allowed: [HTTPRequest.Method]) -> Trouble {
        Trouble(
            status: .methodNotAllowed, title: "That is not done here",
            explanation: "This address takes \(allowed.map(\.rawValue).joined(separator: ", ")) and nothing else.",
            remedy: "Use the first page, whose forms send what is right.", allowed: allowed)
    }

    static func form(_ explanation: String) -> Trouble {
        Trouble(
            status: .badRequest, title: "The note was not saved", explanation: explanation,
            remedy: "Go back, where your text still is, and change it.")
    }

    static let databaseAway = Trouble(
        status: .serviceUnavailable, title: "The database cannot be reached",
        explanation: "It may be waking up or starting again. Your notes are kept.",
        remedy: "Try again in a few seconds. If it goes on, the app's administrator finds the cause in its log.",
        retryAfter: 5)

    static let ownFault = Trouble(
        status: .internalServerError, title: "Something went wrong",
        explanation: "The app could not do this.",
        remedy: "Try again. If it goes on, the app's administrator finds the cause in its log.")
}

extension Trouble {
    /// Creates the page's text for an error.
    init(_ error: any Error) {
        switch error {
        case let trouble as Trouble: self = trouble
        // No connection could be opened or leased.
        case is LakebaseError, is CancellationError: self = .databaseAway
        case let error as PQError where Self.isConnectionLost(error): self = .databaseAway
        case let error as any HTTPResponseError: self = Trouble(status: error.status)
        default: self = .ownFault
        }
    }

    /// The words for what the server framework refuses by itself.
    private init(status: HTTPResponse.Status) {
        switch status {
        case .notFound: self = .noSuchPage
        case .contentTooLarge: self = .form("The form is too long to be read.")
        case _ where status.kind == .clientError:
            self = .form("The request cannot be understood.")
            self.status = status
        default: self = .ownFault
        }
    }

    /// Whether the session was lost or refused, and not the query.
    private static func isConnectionLost(_ error: PQError) -> Bool {
        // Connections, too few resources, and what an administrator does: a restart or a suspension.
        if let state = error.sqlState {
            return ["08", "53", "57"].contains(state.classCode) && state != .queryCanceled
        }
        let codes: [PQError.Code] = [
            .connectionFailed, .connectionClosed, .tlsFailed, .timedOut, .nameResolutionFailed,
        ]
        return codes.contains(error.code)
    }
}
