//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Mustache

/// The page, from its template.
struct Page: Sendable {
    private let template: MustacheTemplate

    init() throws {
        guard let url = Bundle.module.url(forResource: "page", withExtension: "mustache", subdirectory: "Templates")
        else {
            throw PageMissing()
        }
        self.template = try MustacheTemplate(string: String(contentsOf: url, encoding: .utf8))
    }

    /// The page as HTML; the template escapes what it is given.
    func render(notes: [Note], strip: CredentialStrip) -> String {
        self.template.render([
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
            "connections": strip.connections,
        ])
    }
}

/// The template is not beside the program.
struct PageMissing: Error, CustomStringConvertible {
    var description: String { "Templates/page.mustache is missing; build again with: swift build --product notes" }
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

/// What the page's script asks for every second.
struct StatusAnswer: ResponseCodable, Sendable {
    var notes: Int
    var strip: CredentialStrip
}
