//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Lakebase
import Mustache

/// The pages, from their templates.
struct Pages: Sendable {
    private let notes: MustacheTemplate
    private let status: MustacheTemplate
    private let trouble: MustacheTemplate
    /// What they share.
    private let parts: MustacheLibrary

    init() throws {
        self.notes = try Self.template("page")
        self.status = try Self.template("status")
        self.trouble = try Self.template("trouble")
        self.parts = MustacheLibrary(templates: ["style": try Self.template("style")])
    }

    /// The notes as HTML; the template escapes what it is given.
    func render(notes: [Note], strip: CredentialStrip, visitor: LakebaseClientPool.VerifiedUser?, context: NotesContext)
        -> String
    {
        let values: [String: Any] = [
            "notes": notes.map { note -> [String: Any] in
                [
                    "id": note.id, "content": note.content, "created": note.createdAt.ISO8601Format(),
                ]
            },
            "hasNotes": !notes.isEmpty,
            "count": notes.count,
            "maximumLength": NotesStore.maximumLength,
            "minted": strip.mintedAt ?? "",
            "expires": strip.expiresAt ?? "",
            "logins": strip.logins,
            "mints": strip.mints,
            "visitor": visitor?.userName ?? "",
            "isSignedIn": visitor != nil,
            "formToken": context.formToken,
            "nonce": context.nonce,
        ]
        return self.notes.render(values, library: self.parts)
    }

    /// The state of the app as HTML.
    ///
    /// - Parameter role: The visitor's role in the database.
    func render(status: Status, role: String?, context: NotesContext) -> String {
        var values: [String: Any] = [
            "nonce": context.nonce,
            "visitor": status.visitor ?? "nobody is signed in",
            "role": role ?? "none",
            "notes": status.notes,
            "minted": status.strip.mintedAt ?? "never",
            "expires": status.strip.expiresAt ?? "never",
            "loggedIn": status.strip.loggedInAt ?? "never",
            "logins": status.strip.logins,
            "mints": status.strip.mints,
            "open": status.pool.open,
            "inUse": status.pool.inUse,
            "idle": status.pool.idle,
            "connecting": status.pool.connecting,
            "waiting": status.pool.waiting,
            "lost": status.pool.lost,
            "timedOut": status.pool.timedOut,
        ]
        if let users = status.users {
            values["users"] = [
                "clients": users.clients, "active": users.active, "connections": users.connections,
                "waiting": users.waiting, "opened": users.opened, "evicted": users.evicted, "rejected": users.rejected,
            ]
        }
        return self.status.render(values, library: self.parts)
    }

    /// The page of an error as HTML.
    ///
    /// - Parameter reloadAfter: After how many seconds the browser is to try again by itself.
    func render(trouble: Trouble, context: NotesContext, reloadAfter: Int?) -> String {
        var values: [String: Any] = [
            "status": trouble.status.code,
            "title": trouble.title,
            "explanation": trouble.explanation,
            "remedy": trouble.remedy,
            "request": context.id,
            "nonce": context.nonce,
        ]
        if let reloadAfter { values["reload"] = reloadAfter }
        return self.trouble.render(values, library: self.parts)
    }

    private static func template(_ name: String) throws -> MustacheTemplate {
        guard let url = Bundle.module.url(forResource: name, withExtension: "mustache", subdirectory: "Templates")
        else {
            throw PageMissing(name: name)
        }
        return try MustacheTemplate(string: String(contentsOf: url, encoding: .utf8))
    }
}

/// A template is not beside the program.
struct PageMissing: Error, CustomStringConvertible {
    var name: String

    var description: String {
        "Templates/\(self.name).mustache is missing; build again with: swift build --product notes"
    }
}

/// An answer of HTML.
struct HTML: ResponseGenerator {
    private let text: String

    init(_ text: String) { self.text = text }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: self.text)))
    }
}
